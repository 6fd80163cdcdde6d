import { defineConfig, devices } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  // Pictures for the README, on request.
  testIgnore: process.env.HEARTH_SCREENSHOTS ? [] : "**/screenshots.spec.ts",
  // One server fills its pools with real Terraform; two at a time would only slow each other.
  workers: 1,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 180_000,
  expect: {
    timeout: 20_000,
    // Another build of the browser draws letters a little differently.
    toHaveScreenshot: { maxDiffPixelRatio: 0.002, animations: "disabled", caret: "hide", scale: "css" },
  },
  snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      // `cargo xtask e2e` finds the browser; without it Playwright's own is used.
      executablePath: process.env.HEARTH_CHROMIUM,
      args: ["--disable-gpu", "--disable-quic", "--disable-background-networking"],
    },
  },
});
