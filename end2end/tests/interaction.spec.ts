import type { Page, Request } from "@playwright/test";
import type { Hearth } from "./support/server.ts";
import { admin, expect, logIn, test } from "./support/test.ts";

test.describe.configure({ mode: "serial" });

test("13. Accessibility: a claim needs nothing but the keyboard", async ({ page, demo }) => {
  await logIn(page, demo);
  await page.getByRole("link", { name: "local / small" }).first().click({ timeout: 120_000 });
  await expect(page.getByText("2 of 2 ready")).toBeAttached({ timeout: 120_000 });
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: "Claim a workspace" });
  await expect(dialog.getByLabel("Workspace name")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  const opener = page.getByRole("link", { name: "Claim a workspace" });
  await opener.focus();
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Workspace name")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(opener).toBeFocused();
  await page.keyboard.press("c");
  await expect(dialog.getByLabel("Workspace name")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("by-keys");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "by-keys" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await expect(page).toHaveURL(`${demo.url}/drift`);
  await expect(page).toHaveTitle(/Drift · Hearth$/);
  await expect(page.getByRole("heading", { level: 1, name: "Drift" })).toBeFocused();
});

test("what is typed stays, whatever the page hears meanwhile, and so does the focus", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/small?dialog=claim");
  const name = page.getByLabel("Workspace name");
  await name.fill("half a na");
  await pauseAll(page, demo, true);
  await expect(page.getByText(`${admin.username} paused all prebuilds`).first()).toBeAttached();
  await expect(name).toHaveValue("half a na");
  await expect(name).toBeFocused();
  await pauseAll(page, demo, false);
  await expect(page.getByText(`${admin.username} paused all prebuilds`)).toHaveCount(0);
});

test("a refused form says why at its field and loses nothing", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/small?dialog=claim");
  const name = page.getByLabel("Workspace name");
  await name.fill("No Name!");
  await page.getByRole("dialog").getByRole("button", { name: "Claim a workspace" }).click();
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expect(name).toHaveValue("No Name!");
  expect(new URL(page.url()).searchParams.has("__err")).toBe(false);
});

test("a filter is an address that goes back and forward", async ({ page, demo }) => {
  await logIn(page, demo);
  const rows = page.locator("#presets tbody");
  const all = await rows.count();
  await page.getByRole("searchbox", { name: "Filter by name" }).fill("drift");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(page).toHaveURL(`${demo.url}/?q=drift`);
  await expect(rows).toHaveCount(2);
  await page.goBack();
  await expect(rows).toHaveCount(all);
  await page.goForward();
  await expect(rows).toHaveCount(2);
  await page.reload();
  await expect(rows).toHaveCount(2);
});

test("live updates can be stopped and go on", async ({ page, demo }) => {
  await logIn(page, demo);
  await page.getByRole("button", { name: "Live" }).click();
  await page.getByRole("button", { name: "Paused" }).click();
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
});

test("the tabs of a browser share one event stream, which outlives the tab that had it", async ({ page, demo }) => {
  const context = page.context();
  const streams = new Set<Request>();
  context.on("request", (request) => {
    if (request.url() === `${demo.url}/events`) streams.add(request);
  });
  context.on("requestfailed", (request) => streams.delete(request));
  await logIn(page, demo);
  const live = (tab: Page) => tab.getByRole("button", { name: "Live" });
  await expect(live(page)).toBeVisible();
  const second = await context.newPage();
  const others = [second, await context.newPage()];
  for (const tab of others) {
    await tab.goto(demo.url);
    await expect(live(tab)).toBeVisible();
  }
  expect(streams.size).toBe(1);
  const paused = (tab: Page) => tab.getByText(`${admin.username} paused all prebuilds`).first();
  await pauseAll(page, demo, true);
  for (const tab of [page, ...others]) await expect(paused(tab)).toBeAttached();

  await page.goto("about:blank");
  await expect.poll(() => streams.size).toBe(1);
  await pauseAll(second, demo, false);
  for (const tab of others) await expect(paused(tab)).toHaveCount(0);
  for (const tab of others) await tab.close();
});

function pauseAll(page: Page, demo: Hearth, paused: boolean) {
  return page.request.put(`${demo.url}/api/v2/prebuilds/settings`, {
    data: { reconciliation_paused: paused },
    headers: { Origin: demo.url },
  });
}
