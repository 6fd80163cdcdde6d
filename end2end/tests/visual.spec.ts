import { enter, open, pictured, workspace } from "./support/pictures.ts";
import { expect, test } from "./support/test.ts";

// Whoever changes how a page looks renews its picture: cargo xtask e2e -- visual --update-snapshots
test.use(pictured);

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

for (const [size, viewport] of Object.entries(sizes)) {
  for (const theme of ["light", "dark"] as const) {
    test(`14. Themes and small screens: the five main pages look as they did for the ${size} in the ${theme} theme`, async ({ page, seeded }) => {
      await page.setViewportSize(viewport);
      await enter(page, seeded, theme);
      for (const [name, path] of Object.entries({
        overview: "/",
        template: "/templates/web",
        preset: "/presets/data/default",
        workspace: await workspace(page, seeded, "jonas", "ranking"),
        drift: "/drift",
      })) {
        await open(page, seeded.url + path);
        await expect.soft(page).toHaveScreenshot(`${name}-${size}-${theme}.png`);
      }
    });
  }
}
