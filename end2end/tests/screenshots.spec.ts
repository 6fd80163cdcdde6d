import { fileURLToPath } from "node:url";
import { expect, logIn, test } from "./support/test.ts";

// The pictures in the README. They are only made on request, because a picture of the same page differs each time:
// HEARTH_SCREENSHOTS=1 cargo xtask e2e screenshots
const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

for (const [size, viewport] of Object.entries(sizes)) {
  for (const theme of ["light", "dark"] as const) {
    test(`pictures for the ${size} in the ${theme} theme`, async ({ page, demo }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await logIn(page, demo);
      const healthy = page.locator("#presets tbody").filter({ hasText: "Healthy" });
      await expect(healthy).toHaveCount(4, { timeout: 120_000 });
      const picture = (name: string) => page.screenshot({ path: `${folder}${name}-${size}-${theme}.png` });
      await picture("overview");
      await page.goto(`${demo.url}/presets/local/small`);
      await picture("preset");
      await page.goto(`${demo.url}/presets/local-drift/large?dialog=claim`);
      await page.getByLabel("Workspace name").fill(`${size}-${theme}`);
      await page.getByRole("button", { name: /Claim a workspace|Build a workspace/ }).click();
      await expect(page.getByText("was destroyed and recreated by the claim")).toBeVisible({ timeout: 60_000 });
      await expect(page.locator("[aria-current=step]")).toContainText("Yours", { timeout: 60_000 });
      await picture("workspace");
      await page.goto(`${demo.url}/drift`);
      await page.getByRole("table").getByRole("link").first().click();
      await expect(page.getByText("Destroyed and recreated at the claim")).toBeVisible();
      await picture("drift");
    });
  }
}
