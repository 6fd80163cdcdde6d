import type { Page, Route } from "@playwright/test";
import type { Hearth } from "./support/server.ts";
import { expect, logIn, test } from "./support/test.ts";

const live = (page: Page) => expect(page.getByRole("button", { name: "Live" })).toBeVisible();
const badge = (page: Page) => page.locator(".title > .badge").first();

/** From now on, what is spoken. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const page = window as unknown as { said: string[] };
    page.said = [];
    const spoken = document.querySelector("#spoken");
    const hear = () => page.said.push(spoken?.textContent ?? "");
    if (spoken) new MutationObserver(hear).observe(spoken, { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => (window as unknown as { said: string[] }).said);
}
const UNREACHED = "The server cannot be reached. Nothing you typed is lost: try again.";

/** Holds back an act until it is let go, to the server or to nowhere. */
async function held(page: Page, act: string): Promise<{ go: () => Promise<void>; lose: () => Promise<void> }> {
  let come: (route: Route) => void;
  const route = new Promise<Route>((resolve) => (come = resolve));
  await page.route(`**/act/${act}`, (route) => come(route), { times: 1 });
  return { go: async () => (await route).continue(), lose: async () => (await route).abort() };
}

/** A change that another tab makes. */
const meanwhile = (page: Page, scene: Hearth, method: "PUT" | "DELETE", path: string, data?: object) =>
  page.request.fetch(scene.url + path, { method, data, headers: { Origin: scene.url } });

test("a notification is read at once, and unread again when that does not arrive", async ({ page, scene }) => {
  await logIn(page, scene, "/inbox?status=all");
  await live(page);
  const unread = page.getByRole("article").filter({ has: page.locator(".badge", { hasText: "Unread" }) });
  const sub = page.locator(".page-head .sub");
  const nav = page.getByRole("navigation", { name: "Primary" }).getByRole("link", { name: /^Inbox/ });
  const count = parseInt(await sub.innerText());
  await expect(unread).toHaveCount(count);
  const row = page.locator(`[data-key="${await unread.first().getAttribute("data-key")}"]`);

  const said = await listen(page);
  const lost = await held(page, "mark-read");
  await row.getByRole("button", { name: "Mark read" }).click();
  await expect(row.getByRole("button", { name: "Mark unread" })).toBeFocused();
  await expect(unread).toHaveCount(count - 1);
  await expect(nav).toContainText(String(count - 1));
  await expect(sub).toContainText(String(count - 1));
  await lost.lose();
  await expect(row.getByRole("button", { name: "Mark read" })).toBeFocused();
  await expect(unread).toHaveCount(count);
  await expect(nav).toContainText(String(count));
  await expect(row).toContainText(UNREACHED);
  await expect.poll(said).toEqual([UNREACHED]);

  const late = await held(page, "mark-read");
  await row.getByRole("button", { name: "Mark read" }).click();
  await expect(unread).toHaveCount(count - 1);
  await late.go();
  await expect(page.locator("#toasts")).toContainText("Marked as read.");
  await expect(unread).toHaveCount(count - 1);
  await expect(row.getByRole("button", { name: "Mark unread" })).toBeVisible();
});

test("a cause is acknowledged at once", async ({ page, scene }) => {
  await logIn(page, scene, "/drift?status=open");
  await page.locator("main a[href^='/drift/']").first().click();
  await live(page);
  const before = await badge(page).innerText();
  const lost = await held(page, "acknowledge");
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(badge(page)).toHaveText("Acknowledged");
  await lost.lose();
  await expect(badge(page)).toHaveText(before);
  await expect(page.locator("main").getByText(UNREACHED)).toBeVisible();
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(page.locator("#toasts")).toContainText("Acknowledged.");
  await expect(badge(page)).toHaveText("Acknowledged");
});

test("a pool is paused at once, and what was typed comes back when that does not arrive", async ({ page, scene }) => {
  await logIn(page, scene, "/presets/web/small?dialog=pause");
  await live(page);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("the quota is being raised");
  const lost = await held(page, "pause-pool");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(dialog).toBeHidden();
  await expect(badge(page)).toHaveText("Paused");
  await lost.lose();
  await expect(badge(page)).toHaveText("Healthy");
  await expect(dialog.getByLabel("Why")).toHaveValue("the quota is being raised");
  await expect(dialog).toContainText(UNREACHED);
  await expect(dialog.getByRole("button", { name: "Pause" })).toBeFocused();
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(page.locator("#toasts")).toContainText("Paused.");
  await expect(badge(page)).toHaveText("Paused");
});

test("a refusal brings back what is so, with the reason, which is spoken", async ({ page, scene }) => {
  await logIn(page, scene, "/presets/mobile/android");
  await live(page);
  await expect(badge(page)).toHaveText("Paused");
  const said = await listen(page);
  const late = await held(page, "resume-pool");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.locator(".page-head").getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(badge(page)).not.toHaveText("Paused");
  const pool = "/api/v2/pools/mobile/android/pause";
  expect((await meanwhile(page, scene, "DELETE", pool)).ok()).toBe(true);
  await late.go();
  await expect(page.locator(".page-head .error")).toHaveText("This pool is not paused.");
  await expect.poll(async () => (await said()).filter((words) => words === "This pool is not paused.").length).toBe(1);
});

test("a theme is worn at once", async ({ page, scene }) => {
  await logIn(page, scene);
  await live(page);
  const root = page.locator("html");
  const worn = (await root.getAttribute("data-theme")) ?? "";
  const lost = await held(page, "theme");
  await page.getByRole("button", { name: /Switch to dark/ }).click();
  await expect(root).toHaveAttribute("data-theme", "dark");
  await lost.lose();
  await expect(root).toHaveAttribute("data-theme", worn);
});
