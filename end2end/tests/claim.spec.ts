import { expectAccessible } from "./support/axe.ts";
import { admin, expect, logIn, test } from "./support/test.ts";

test.describe.configure({ mode: "serial" });

test("a pool fills while one watches, without a reload", async ({ page, demo }) => {
  await logIn(page, demo);
  let reloads = 0;
  page.on("framenavigated", (frame) => (reloads += frame === page.mainFrame() ? 1 : 0));
  const small = row(page, "local", "small");
  await expect(small.getByText("Healthy")).toBeVisible({ timeout: 120_000 });
  await expect(small.locator("[data-label=Ready]")).toHaveText("2");
  await expect(small.locator("[data-label=Wanted]")).toHaveText("2");
  expect(reloads, "navigations while watching").toBe(0);
});

test("5. Claim, with scripts: a click claims a ready workspace, whose start script runs again for its new owner", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/small");
  await expect(page.getByText("2 of 2 ready")).toBeAttached({ timeout: 60_000 });
  await page.getByRole("link", { name: "Claim a workspace" }).click();
  const dialog = page.getByRole("dialog", { name: "Claim a workspace" });
  await expectAccessible(page);
  await dialog.getByLabel("Workspace name").fill("first");
  await dialog.getByRole("button", { name: "Claim a workspace" }).click();
  await expect(page).toHaveURL(/\/workspaces\/[0-9a-f-]{36}/);
  await expect(page.getByRole("heading", { level: 1, name: "first" })).toBeVisible();
  await expect(page.getByText(`owner ${admin.username}`)).toBeVisible();
  await expect(page.getByRole("list", { name: "Stages" }).locator("[aria-current=step]")).toContainText("Yours", {
    timeout: 60_000,
  });
  await expect(page.getByRole("main")).toContainText("from claim to ready");
  const log = page.getByRole("log", { name: "Log of the agents" });
  await expect(log).toContainText("Set-up is complete.");
  await expect(log).toContainText(`Welcome ${admin.username} to first`);
});

test("5. Claim, with scripts: the pool is filled up again after a claim", async ({ page, demo }) => {
  await logIn(page, demo);
  await expect(row(page, "local", "small").locator("[data-label=Ready]")).toHaveText("2", { timeout: 120_000 });
  await expect(row(page, "local", "small").locator("[data-label=Today]")).toHaveText("1");
});

test("one's own workspaces and those of the pools are listed apart", async ({ page, demo }) => {
  await logIn(page, demo, "/workspaces");
  await expect(page.getByRole("link", { name: "first", exact: true })).toBeVisible();
  await page.goto(`${demo.url}/workspaces?owner=prebuilds`);
  await expect(page.getByRole("link", { name: "first", exact: true })).toHaveCount(0);
  await expect(page.getByRole("row").filter({ hasText: "small" }).first()).toBeVisible();
});

test("10. Drift: a rehearsal shows before any claim what it would recreate, why, and a patch that helps", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local-drift/large");
  const drift = page.getByRole("region", { name: "Drift on claim" });
  await expect(drift).toContainText("would be destroyed and recreated", { timeout: 120_000 });
  await expect(drift.getByRole("list", { name: "Because of" })).toContainText("data.coder_workspace_owner.me");
  await expect(drift.getByLabel("Patch, unified diff")).toContainText("ignore_changes");
  await expect(drift).toContainText("Proved clean");
  await expectAccessible(page);
});

test("10. Drift: a claim that recreates a resource is listed with the value before and after", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local-drift/small");
  await expect(page.getByText("2 of 2 ready")).toBeAttached({ timeout: 120_000 });
  await page.goto(`${demo.url}/presets/local-drift/small?dialog=claim`);
  await page.getByLabel("Workspace name").fill("drifted");
  await page.getByRole("button", { name: "Claim a workspace" }).click();
  await expect(page.getByText("was destroyed and recreated by the claim")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("navigation", { name: "Primary" }).getByRole("link", { name: "Drift" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Drift" })).toBeVisible();
  await page.getByRole("table").getByRole("link").first().click();
  await expect(page.getByText("A claim destroys and recreates it because of")).toBeVisible();
  await expect(page.getByRole("region", { name: "Claims it has hit" })).toContainText("drifted");
  await expect(page.getByRole("list", { name: "Because of" })).toContainText("data.coder_workspace_owner.me");
  await expectAccessible(page);
  const difference = page.getByRole("main");
  await expect(difference).toContainText("prebuilds");
  await expect(difference).toContainText(admin.username);
  await page.goto(demo.url);
  await expect(row(page, "local-drift", "small")).toContainText("Replaces 1");
});

test("a paused pool says who paused it and why, and is still claimed from but not filled", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/large");
  await expect(page.getByText("1 of 1 ready")).toBeAttached({ timeout: 60_000 });
  await page.getByRole("link", { name: "Pause", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Why" }).fill("moving the machine");
  await dialog.getByRole("button", { name: "Pause" }).click();
  const main = page.getByRole("main");
  await expect(main.getByText("moving the machine").first()).toBeVisible();
  await expect(main).toContainText(admin.username);

  await page.getByRole("link", { name: "Claim a workspace" }).click();
  await dialog.getByLabel("Workspace name").fill("paused");
  await dialog.getByRole("button", { name: "Claim a workspace" }).click();
  await expect(page.locator("[aria-current=step]")).toContainText("Yours", { timeout: 60_000 });
  await page.goto(demo.url);
  const large = row(page, "local", "large");
  await expect(large).toContainText("Paused");
  await expect(large.locator("[data-label=Ready]")).toHaveText("0");
  await expect(large.locator("[data-label=Running]")).toHaveText("0");

  await page.goto(`${demo.url}/presets/local/large`);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("1 of 1 ready")).toBeAttached({ timeout: 60_000 });
});

test("all prebuilds can be paused at once, which every page says", async ({ page, demo }) => {
  await logIn(page, demo);
  await page.getByRole("link", { name: "Pause all prebuilds" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Why" }).fill("a change of the network");
  await dialog.getByRole("textbox", { name: "to confirm" }).fill("pause all");
  await dialog.getByRole("button", { name: "Pause all prebuilds" }).click();
  await expect(page.getByText("a change of the network").first()).toBeVisible();
  await page.goto(`${demo.url}/workspaces`);
  await expect(page.getByText("a change of the network").first()).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).first().click();
  await expect(page.getByText("a change of the network")).toHaveCount(0);
});

test.describe("with scripts off", () => {
  test.use({ javaScriptEnabled: false });

  test("6. Claim, no JS: a claim is a form, and its result a page", async ({ page, demo }) => {
    await logIn(page, demo, "/presets/local/small");
    await expect(async () => {
      await page.reload();
      await expect(page.getByText("2 of 2 ready")).toBeAttached({ timeout: 1 });
    }).toPass({ timeout: 120_000 });
    await page.getByRole("link", { name: "Claim a workspace" }).click();
    await page.getByLabel("Workspace name").fill("plain");
    await page.getByRole("button", { name: "Claim a workspace" }).click();
    await expect(page).toHaveURL(/\/workspaces\/[0-9a-f-]{36}/);
    await expect(page.getByRole("heading", { level: 1, name: "plain" })).toBeVisible();
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("log", { name: "Log of the agents" })).toContainText(
        `Welcome ${admin.username} to plain`,
        { timeout: 1 },
      );
    }).toPass({ timeout: 60_000 });
    await expect(page.getByText("Loading")).toHaveCount(0);
  });
});

function row(page: import("@playwright/test").Page, template: string, preset: string) {
  const name = new RegExp(`^${template} / ${preset}$`);
  return page.locator("#presets tbody").filter({ has: page.getByRole("link", { name }) });
}
