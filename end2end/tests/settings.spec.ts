import { admin, expect, logIn, test } from "./support/test.ts";

test.describe.configure({ mode: "serial" });

test("an override holds with its end shown, is ended, and both are on record", async ({ page, demo }) => {
  await logIn(page, demo);
  await page.getByRole("link", { name: /^local \/ large$/ }).last().click({ timeout: 120_000 });
  await page.getByRole("link", { name: "Override…" }).click();
  const dialog = page.getByRole("dialog", { name: "Override local / large" });
  await dialog.getByLabel("Wanted").fill("2");
  await dialog.getByLabel("Until", { exact: true }).selectOption({ index: 0 });
  await dialog.getByLabel("Why").fill("a course");
  await dialog.getByRole("button", { name: "Override" }).click();
  const settings = page.getByRole("region", { name: "Settings" });
  await expect(settings).toContainText(`2 wanted, ends in`);
  await expect(settings).toContainText(`by ${admin.username}: “a course”`);
  await expect(page.getByText("Overridden: 2 wanted, ends in")).toBeVisible();
  await page.getByRole("button", { name: "End now" }).click();
  await expect(settings).not.toContainText("2 wanted, ends");

  await page.getByRole("link", { name: "Pause", exact: true }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Why" }).fill("a short break");
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("link", { name: "Pause", exact: true })).toBeVisible();

  await page.goto(`${demo.url}/activity?target=local/large`);
  const record = page.getByRole("table", { name: "Acts, newest first" });
  for (const act of ["overrode pool", "ended the override of pool", "paused pool", "resumed pool"]) {
    await expect(record.getByRole("row").filter({ hasText: act }).first()).toContainText(admin.username);
  }
  const row = record.locator("tbody").filter({ hasText: "overrode pool" }).first();
  await row.getByText("Before and after").click();
  await expect(row).toContainText("a course");
});

test("an override without a reason is refused at its field", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/large?dialog=scale");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("   ");
  await dialog.getByRole("button", { name: "Override" }).click();
  await expect(dialog.getByLabel("Why")).toHaveAttribute("aria-invalid", "true");
});

test("a token is shown once, works, and counts no more when it is revoked", async ({ page, demo, request }) => {
  await logIn(page, demo, "/settings/tokens");
  await page.getByLabel("Name").fill("ci");
  await page.getByRole("button", { name: "Make a token" }).click();
  const shown = page.getByLabel("New token");
  await expect(shown).toHaveText(/^[A-Za-z0-9]{10}-[A-Za-z0-9]{22}$/);
  const token = await shown.innerText();
  const me = () => request.get(`${demo.url}/api/v2/users/me`, { headers: { "Coder-Session-Token": token } });
  expect((await me()).status()).toBe(200);
  await page.getByRole("button", { name: "I stored it" }).click();
  await expect(shown).toHaveCount(0);
  await page.getByRole("button", { name: "Revoke ci" }).click();
  await expect(page.getByText("No tokens.")).toBeVisible();
  expect((await me()).status()).toBe(401);
});

test("a member sees no settings of others, and a direct post is refused", async ({ page, demo, browser }) => {
  await logIn(page, demo, "/settings/users?dialog=new");
  const dialog = page.getByRole("dialog", { name: "Add a user" });
  await dialog.getByLabel("Username").fill("mel");
  await dialog.getByLabel("Email").fill("mel@example.com");
  await dialog.getByLabel("First password").fill(admin.password);
  await dialog.getByRole("button", { name: "Add the user" }).click();
  await expect(page.getByRole("row").filter({ hasText: "mel@example.com" })).toBeVisible();

  const other = await browser.newContext({ javaScriptEnabled: false });
  const mel = await other.newPage();
  await mel.goto(`${demo.url}/login?next=/settings`);
  await mel.getByLabel("Username or email").fill("mel");
  await mel.getByLabel("Password").fill(admin.password);
  await mel.getByRole("button", { name: "Log in" }).click();
  const tabs = mel.getByRole("navigation", { name: "Settings" });
  await expect(tabs.getByRole("link")).toHaveText(["Tokens", "Preferences"]);
  for (const path of ["/settings/users", "/settings/reconciler", "/activity", "/presets/local/large/simulate"]) {
    expect((await mel.goto(demo.url + path))?.status(), path).toBe(403);
  }
  const form = { username: admin.username, suspend: "true" };
  const posted = await other.request.post(`${demo.url}/act/suspend-person`, { form, headers: { accept: "application/json" } });
  expect(posted.status()).toBe(403);
  await other.close();
});

test("a what-if is an address that says the difference", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local/small");
  await page.getByRole("link", { name: "What if…" }).click();
  await page.getByLabel("Wanted at all times").fill("6");
  await page.getByLabel("Half of the builds take at most, in minutes").fill("5");
  await page.getByLabel("As many in each hour as typed below").check();
  await page.getByLabel("Requests in any hour").fill("20");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page).toHaveURL(/desired=6/);
  await expect(page.getByRole("region", { name: "Answer" })).toContainText("machine-hours more a day");
  await expect(page.getByLabel("Prebuilds block")).toContainText("instances = 6");
  await page.getByLabel("Wanted at all times").fill("many");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.getByLabel("Wanted at all times")).toHaveAttribute("aria-invalid", "true");
});
