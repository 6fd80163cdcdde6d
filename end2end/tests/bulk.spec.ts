import type { Browser, Page } from "@playwright/test";
import { expectAccessible } from "./support/axe.ts";
import type { Hearth } from "./support/server.ts";
import { another, expect, logIn, test } from "./support/test.ts";

const POOL = "/workspaces?owner=prebuilds&preset=data%2Fdefault";

const rows = (page: Page) => page.getByRole("table", { name: "Workspaces" }).locator("tbody");
const bar = (page: Page) => page.getByRole("form", { name: "Selected workspaces" });
const act = (page: Page, name: string) => bar(page).getByRole("button", { name });
const dialog = (page: Page) => page.getByRole("dialog");

test("rows are ticked with the mouse and with x, counted, and acted upon together", async ({ page, scene }) => {
  await logIn(page, scene);
  await page.goto(scene.url + POOL);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const count = await rows(page).count();
  await rows(page).nth(0).getByRole("checkbox").check();
  await rows(page).nth(1).getByRole("link").first().focus();
  await page.keyboard.press("x");
  await expect(bar(page).getByText("2 selected")).toBeVisible();

  await act(page, "Stop…").click();
  await expect(dialog(page).getByRole("link", { name: "Cancel" })).toBeFocused();
  await expect(dialog(page)).toContainText("This stops 2 workspaces.");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(bar(page).getByText("2 selected"), "what is ticked stays").toBeVisible();
  await act(page, "Stop…").click();
  await dialog(page).getByRole("button", { name: "Stop 2 workspaces" }).click();
  await expect(page.locator("#toasts")).toContainText("2 workspaces are being stopped.");
  await expect(bar(page).getByText("selected", { exact: false }).last()).toBeHidden();
  await expect(rows(page).filter({ hasText: "Stopping" })).toHaveCount(2);
  await expect(page).toHaveURL(scene.url + POOL);

  await rows(page).filter({ hasText: "Stopping" }).first().getByRole("checkbox").check();
  await rows(page).filter({ hasNotText: "Stopping" }).first().getByRole("checkbox").check();
  await act(page, "Delete…").click();
  await expect(dialog(page)).toContainText("1 left out: it has a build under way.");
  await dialog(page).getByRole("button", { name: "Delete 1 workspace" }).click();
  await expect(page.locator("#toasts")).toContainText("1 workspace is being deleted, 1 left out: it has a build under way.");

  await scene.work();
  await expect(rows(page)).toHaveCount(count - 1);
  await bar(page).getByRole("checkbox", { name: `Select all ${count - 1} that match` }).check();
  await expect(bar(page).getByText(`${count - 1} selected`)).toBeVisible();
  await rows(page).nth(0).getByRole("checkbox").uncheck();
  await expect(bar(page).getByText(`${count - 2} selected`)).toBeVisible();
  await bar(page).getByRole("checkbox").check();
  await act(page, "Delete…").click();
  const all = dialog(page).getByRole("button", { name: `Delete ${count - 1} workspaces` });
  await expect(all, "a whole pool").toBeDisabled();
  await dialog(page).getByRole("textbox").fill(String(count - 1));
  await all.click();
  await expect(rows(page).filter({ hasText: "Deleting" })).toHaveCount(count - 1);
});

test("what is ticked stays while a notice comes and goes above it", async ({ page, scene }) => {
  await logIn(page, scene);
  await page.goto(scene.url + POOL);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await rows(page).nth(0).getByRole("checkbox").check();
  const notices = page.getByRole("region", { name: "System notices" });
  for (const paused of [true, false]) {
    const headers = { origin: scene.url };
    const answer = await page.request.put(`${scene.url}/api/v2/prebuilds/settings`, { data: { reconciliation_paused: paused }, headers });
    expect(answer.ok()).toBe(true);
    // Whoever goes on after a pause sees what has changed meanwhile.
    await page.getByRole("button", { name: "Live" }).click();
    await page.getByRole("button", { name: "Paused" }).click();
    await expect(notices).toHaveCount(paused ? 1 : 0);
    await expect(bar(page).getByText("1 selected")).toBeVisible();
  }
});

test("without scripts the same is done by forms alone", async ({ page, scene, browser }) => {
  await logIn(page, scene);
  const other = await plain(page, scene, browser);
  const count = await rows(other).count();
  await rows(other).nth(0).getByRole("checkbox").check();
  await rows(other).nth(1).getByRole("checkbox").check();
  await act(other, "Delete…").click();
  await dialog(other).getByRole("button", { name: "Delete 2 workspaces" }).click();
  await expect(other.locator(".flash").last()).toContainText("2 workspaces are being deleted.");
  await expect(rows(other).filter({ hasText: "Deleting" })).toHaveCount(2);

  await bar(other).getByRole("checkbox").check();
  await act(other, "Stop…").click();
  await expect(dialog(other)).toContainText("2 left out: they have a build under way.");
  await dialog(other).getByRole("button", { name: `Stop ${count - 2} workspaces` }).click();
  await expect(other.locator(".flash").last()).toContainText(`${count - 2} workspaces are being stopped, 2 left out`);

  await act(other, "Start…").click();
  await expect(dialog(other)).toContainText("Select workspaces in the table first.");
  await other.context().close();
});

/** The pool in a second browser of the same person, without scripts. */
async function plain(page: Page, server: Hearth, browser: Browser): Promise<Page> {
  const other = await another(page, browser, { javaScriptEnabled: false });
  await other.goto(server.url + POOL);
  return other;
}
