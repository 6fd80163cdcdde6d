import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe.ts";
import { workspace } from "./support/pictures.ts";
import { another, expect, logIn, test } from "./support/test.ts";
import type { Hearth } from "./support/server.ts";

const themes = ["light", "dark"] as const;

for (const theme of themes) {
  test(`13. Accessibility: every page can be used by everybody in the ${theme} theme`, async ({ page, demo }) => {
    await page.emulateMedia({ colorScheme: theme });
    await logIn(page, demo);
    for (const path of await pages(page, demo)) {
      await page.goto(demo.url + path);
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      await expectAccessible(page);
    }
  });
}

test("13. Accessibility: every page can be used on a small phone, and none scrolls sideways", async ({ page, demo }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await logIn(page, demo);
  for (const path of await pages(page, demo)) {
    await page.goto(demo.url + path);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, `width of ${path}`).toBeLessThanOrEqual(320);
    await expectAccessible(page);
  }
});

/** What a healthy server never shows, and each dialog. */
const troubled = [
  "/",
  "/templates/web",
  "/presets/gpu/a100",
  "/presets/gpu/h100",
  "/presets/web/large",
  "/presets/mobile/ios",
  "/presets/mobile/android",
  "/presets/docs/default",
  "/presets/legacy/default",
  "/presets/data/default",
  "/presets/data/default?dialog=delete",
  "/templates/web?dialog=edit",
  "/templates/web?dialog=archive",
  "/drift",
  "/activity",
];

for (const [theme, width] of [["light", 1440], ["dark", 768], ["dark", 320]] as const) {
  test(`13. Accessibility: pages in trouble can be used at ${width} px in the ${theme} theme`, async ({ page, seeded }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: theme });
    await logIn(page, seeded);
    for (const path of [...troubled, await workspace(page, seeded, "lena", "finetune")]) {
      await page.goto(seeded.url + path);
      await expectAccessible(page);
    }
  });
}

test("15. Clean hydration and time: a page says the same with scripts and without", async ({ page, demo, browser }) => {
  await logIn(page, demo);
  const other = await another(page, browser, { javaScriptEnabled: false });
  for (const path of await pages(page, demo)) {
    await page.goto(demo.url + path);
    await other.goto(demo.url + path);
    const heading = (page: Page) => page.getByRole("heading", { level: 1 }).innerText();
    expect(await heading(other)).toBe(await heading(page));
    expect(await other.getByRole("row").count(), `rows of ${path}`).toBe(await page.getByRole("row").count());
    await expect(other.getByText("Loading")).toHaveCount(0);
  }
  await other.context().close();
});

/** The pages of a server that has a pool member to look at. */
async function pages(page: Page, demo: Hearth): Promise<string[]> {
  await page.goto(`${demo.url}/presets/local/small`);
  const member = page.getByRole("table", { name: "Members of the pool" }).getByRole("link").first();
  await expect(member).toBeVisible({ timeout: 60_000 });
  const claimable = (await member.getAttribute("href")) ?? "";
  return [
    "/",
    "/?dialog=pause-all",
    "/presets/local/small",
    "/presets/local/small?dialog=claim",
    "/presets/local/small?dialog=pause",
    "/presets/local/small?dialog=scale",
    "/presets/local/small?dialog=invalidate",
    "/presets/local/small?range=7d",
    "/presets/local/small/simulate?desired=3&build_min=2&claims_per_hour=4&from=typed",
    "/workspaces",
    "/workspaces?owner=prebuilds",
    claimable,
    "/drift",
    "/activity",
    "/inbox?status=all",
    "/settings/reconciler",
    "/settings/users",
    "/settings/users?dialog=new",
    "/settings/tokens",
    "/settings/preferences",
    "/help",
    "/help/keyboard",
    "/search",
    "/search?q=local",
    "/templates",
    "/templates/local",
    "/templates/local?range=7d",
    "/templates/local?tab=versions",
    "/templates/local?tab=rehearsals",
    "/templates/local?dialog=delete",
    "/templates/local/versions/v1",
    "/templates/new",
    "/templates/new?template=local",
  ];
}
