import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import type { Hearth } from "./support/server.ts";
import { enter, open, pictured, workspace } from "./support/pictures.ts";
import { setUp, test } from "./support/test.ts";

// Pictures of every page, for the README and for looking at; on request only:
// HEARTH_SCREENSHOTS=1 cargo xtask e2e screenshots
const published = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const all = process.env.HEARTH_SCREENSHOTS_FOLDER ?? fileURLToPath(new URL("../test-results/pages/", import.meta.url));
const sizes = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 768, height: 1024 },
  phone: { width: 390, height: 844 },
  small: { width: 320, height: 640 },
};
/** Of these the repository has a picture in every size, of the others one for the desktop. */
const main = ["overview", "template", "preset", "workspace", "drift"];

test.use(pictured);

/** A picture of the page as it is, in both themes. */
async function inBothThemes(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.screenshot({ path: join(published, `${name}-desktop-${theme}.png`) });
  }
}

/** The path of a cause of drift that is open. */
async function cause(page: Page, server: Hearth): Promise<string> {
  await page.goto(`${server.url}/drift?status=open`);
  return (await page.getByRole("table").getByRole("link").first().getAttribute("href")) ?? "";
}

for (const [size, viewport] of Object.entries(sizes)) {
  for (const theme of ["light", "dark"] as const) {
    test(`pictures for the ${size} in the ${theme} theme`, async ({ page, seeded }) => {
      mkdirSync(all, { recursive: true });
      await page.setViewportSize(viewport);
      await enter(page, seeded, theme);
      for (const [name, path] of Object.entries({
        overview: "/",
        templates: "/templates",
        template: "/templates/web",
        versions: "/templates/web?tab=versions",
        rehearsals: "/templates/data?tab=rehearsals",
        version: "/templates/web/versions/v14",
        preset: "/presets/data/default",
        "preset-backing-off": "/presets/web/large",
        "preset-paused": "/presets/mobile/android",
        "preset-limited": "/presets/gpu/a100",
        "preset-week": "/presets/web/small?range=7d",
        claim: "/presets/web/small?dialog=claim",
        simulate: "/presets/web/large/simulate",
        workspaces: "/workspaces",
        prebuilds: "/workspaces?owner=prebuilds",
        workspace: await workspace(page, seeded, "jonas", "ranking"),
        "workspace-failed": await workspace(page, seeded, "lena", "finetune"),
        drift: "/drift",
        activity: "/activity",
        inbox: "/inbox?status=all",
        reconciler: "/settings/reconciler",
        people: "/settings/users",
        tokens: "/settings/tokens",
        preferences: "/settings/preferences",
        cause: await cause(page, seeded),
        upload: "/templates/new",
        search: "/search?q=web",
        help: "/help",
        keyboard: "/help/keyboard",
        pause: "/presets/web/small?dialog=pause",
        override: "/presets/web/small?dialog=scale",
      })) {
        await open(page, seeded.url + path);
        await page.screenshot({ path: join(all, `${name}-${size}-${theme}.png`), fullPage: true });
        if (size === "desktop" || main.includes(name)) {
          await page.screenshot({ path: join(published, `${name}-${size}-${theme}.png`) });
        }
      }
      await page.context().clearCookies();
      await open(page, `${seeded.url}/login`);
      await page.screenshot({ path: join(all, `login-${size}-${theme}.png`), fullPage: true });
      if (size === "desktop") await page.screenshot({ path: join(published, `login-${size}-${theme}.png`) });
    });
  }
}

test("pictures of the first steps on a new server", async ({ page, empty }) => {
  await page.setViewportSize(sizes.desktop);
  await open(page, `${empty.url}/setup`);
  await inBothThemes(page, "setup");
  await setUp(page, empty.setupCode);
  await page.waitForURL(`${empty.url}/`);
  await open(page, `${empty.url}/`);
  await inBothThemes(page, "first-steps");
});

test("pictures of an overview whose pools are all paused", async ({ page, scene }) => {
  await page.setViewportSize(sizes.desktop);
  await enter(page, scene, "light");
  await open(page, `${scene.url}/?dialog=pause-all`);
  await page.getByLabel("Why").fill("quota work");
  await page.getByLabel("Type “pause all” to confirm").fill("pause all");
  await page.getByRole("button", { name: "Pause all prebuilds" }).click();
  await page.waitForURL((url) => !url.search.includes("dialog"));
  await open(page, `${scene.url}/`);
  await inBothThemes(page, "overview-paused");
});
