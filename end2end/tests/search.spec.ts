import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe.ts";
import { expect, logIn, test } from "./support/test.ts";

test.describe.configure({ mode: "serial" });

const palette = (page: Page) => page.getByRole("dialog", { name: "Go to" });
const field = (page: Page) => palette(page).getByRole("combobox", { name: "Go to" });
const selected = (page: Page) => palette(page).getByRole("option", { selected: true });

test("the palette goes anywhere with nothing but the keyboard", async ({ page, demo }) => {
  await logIn(page, demo);
  await expect(page.getByRole("link", { name: "local / small" }).first()).toBeVisible({ timeout: 120_000 });
  const before = page.getByRole("link", { name: "Templates" }).first();
  await before.focus();
  await page.keyboard.press("ControlOrMeta+k");
  await expect(field(page)).toBeFocused();
  await expect(selected(page)).toHaveText("Overview");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(palette(page)).toHaveCount(0);
  await expect(before).toBeFocused();

  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type("tok");
  await expect(selected(page)).toHaveText("Settings › Tokens");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${demo.url}/settings/tokens`);

  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type("local small");
  await expect(selected(page)).toContainText("local / small");
  const first = await field(page).getAttribute("aria-activedescendant");
  await expect(selected(page)).toHaveAttribute("id", first ?? "");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  expect(await field(page).getAttribute("aria-activedescendant")).not.toBe(first);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${demo.url}/presets/local/small`);
  await expect(page.getByRole("heading", { level: 1, name: "local / small" })).toBeFocused();

  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type("claim local / small");
  await expect(selected(page)).toContainText("Claim from local / small");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Claim a workspace" }).getByLabel("Workspace name")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+k");
  await expect(palette(page)).toHaveCount(0);
});

test("what the palette shows stays while the page behind it is drawn again", async ({ page, demo }) => {
  await logIn(page, demo);
  await page.getByRole("link", { name: "Search and go to" }).click();
  await field(page).fill("zzz");
  await expect(palette(page).getByText("Nothing matches “zzz”").first()).toBeVisible();
  await expectAccessible(page);
  const settings = (paused: boolean) =>
    page.request.put(`${demo.url}/api/v2/prebuilds/settings`, {
      data: { reconciliation_paused: paused },
      headers: { Origin: demo.url },
    });
  await settings(true);
  await expect(page.getByText("paused all prebuilds").first()).toBeAttached();
  await expect(field(page)).toHaveValue("zzz");
  await expect(field(page)).toBeFocused();
  await expect(palette(page).getByText("Nothing matches “zzz”").first()).toBeVisible();
  await settings(false);
});

test("it opens where single keys are switched off, and a slash does nothing there", async ({ page, demo }) => {
  await logIn(page, demo, "/settings/preferences");
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search" })).toBeFocused();
  await page.getByRole("button", { name: "Switch single keys off" }).click();
  await expect(page.getByRole("button", { name: "Switch single keys on" })).toBeVisible();
  await page.getByRole("heading", { level: 1 }).focus();
  await page.keyboard.press("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.keyboard.press("ControlOrMeta+k");
  await expect(field(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Switch single keys on" }).click();
  await expect(page.getByRole("button", { name: "Switch single keys off" })).toBeVisible();
});

test("a pause is undone where it is told", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/large?dialog=pause");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Why" }).fill("a slip");
  await dialog.getByRole("button", { name: "Pause" }).click();
  const toasts = page.locator("#toasts");
  await expect(toasts).toContainText("Paused.");
  await expect(page.getByRole("main").getByText("a slip").first()).toBeVisible();
  await expectAccessible(page);
  await toasts.getByRole("button", { name: "Undo" }).click();
  await expect(toasts).toContainText("Resumed.");
  await expect(toasts.getByRole("button", { name: "Undo" })).toHaveCount(0);
  await expect(page.getByRole("main").getByText("a slip")).toHaveCount(0);
  await toasts.getByRole("button", { name: "Dismiss" }).click();
  await expect(toasts).toBeEmpty();
});

test("a server that cannot be reached is told once, and the form goes through when it is back", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/large?dialog=pause");
  const dialog = page.getByRole("dialog");
  const why = dialog.getByRole("textbox", { name: "Why" });
  await why.fill("a cut");
  await page.route("**/act/pause-pool", (route) => route.abort());
  const told = dialog.getByText("The server cannot be reached.");
  for (let attempt = 0; attempt < 2; attempt++) {
    await dialog.getByRole("button", { name: "Pause" }).click();
    await expect(told).toHaveCount(1);
    await expect(why).toHaveValue("a cut");
  }
  await page.unroute("**/act/pause-pool");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await page.locator("#toasts").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("link", { name: "Pause", exact: true })).toBeVisible();
  await expect(told).toHaveCount(0);
});

test("a session that has ended loses nothing that was typed", async ({ page, demo, complaints }) => {
  await logIn(page, demo, "/presets/local/large?dialog=pause");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Why" }).fill("typed long ago");
  await page.request.post(`${demo.url}/act/logout`, { headers: { Origin: demo.url } });
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Your session has ended.")).toBeVisible();
  await expect(dialog.getByRole("textbox", { name: "Why" })).toHaveValue("typed long ago");
  const other = await page.context().newPage();
  await logIn(other, demo);
  await other.close();
  await dialog.getByRole("button", { name: "Pause" }).click();
  await page.locator("#toasts").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("link", { name: "Pause", exact: true })).toBeVisible();
  // The stream of events is refused without a session, which the browser logs.
  complaints.splice(0, Infinity, ...complaints.filter((complaint) => !complaint.includes("/events")));
});

test("a filter is kept, and applied in another browser", async ({ page, demo, browser }) => {
  await logIn(page, demo, "/workspaces?owner=prebuilds&state=ready");
  await page.getByText("Save this filter").click();
  await page.getByLabel("Name of the filter").fill("Ready now");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("link", { name: "Ready now" })).toHaveAttribute("aria-current", "true");
  const other = await browser.newPage();
  await logIn(other, demo, "/workspaces");
  await other.getByRole("link", { name: "Ready now" }).click();
  await expect(other).toHaveURL(`${demo.url}/workspaces?owner=prebuilds&state=ready`);
  await other.getByRole("button", { name: "Remove the filter Ready now" }).click();
  await expect(other.getByRole("link", { name: "Ready now" })).toHaveCount(0);
  await other.close();
});

test.describe("with scripts off", () => {
  test.use({ javaScriptEnabled: false });

  test("the search is a form in the header, and its answer a page", async ({ page, demo }) => {
    await logIn(page, demo);
    await page.getByRole("search").getByRole("searchbox", { name: "Search" }).fill("LOCAL sma");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/search\?q=LOCAL/);
    const main = page.getByRole("main");
    await expect(main.getByRole("searchbox", { name: "Search" })).toHaveValue("LOCAL sma");
    await main.getByRole("region", { name: "Presets" }).getByRole("link", { name: "local / small", exact: true }).click();
    await expect(page).toHaveURL(`${demo.url}/presets/local/small`);
    await page.goto(`${demo.url}/search?q=zzz`);
    await expect(page.getByRole("heading", { name: "Nothing matches “zzz”" })).toBeVisible();
  });

  test("a pause is undone by a form at the top of the page", async ({ page, demo }) => {
    await logIn(page, demo, "/presets/local/large?dialog=pause");
    await page.getByRole("textbox", { name: "Why" }).fill("a slip");
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await page.getByRole("main").getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("main")).toContainText("Resumed.");
    await expect(page.getByRole("link", { name: "Pause", exact: true })).toBeVisible();
  });
});
