import { expectAccessible } from "./support/axe.ts";
import { admin, expect, logIn, setUp, test } from "./support/test.ts";

test.describe.configure({ mode: "serial" });

test("1. First run: an empty server leads to its set-up, and takes no wrong code", async ({ page, empty }) => {
  await page.goto(empty.url);
  await expect(page).toHaveURL(`${empty.url}/setup`);
  await expect(page.getByRole("list", { name: "First steps, 1 of 3" }).locator("[aria-current=step]")).toContainText(
    "Make the account",
  );
  await expectAccessible(page);
  await setUp(page, "wrong-code");
  await expect(page.getByLabel("Set-up code")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Username")).toHaveValue(admin.username);
});

test("1. First run: the code from the console makes the first admin, once", async ({ page, empty, complaints }) => {
  await page.goto(`${empty.url}/setup`);
  await setUp(page, empty.setupCode);
  await expect(page).toHaveURL(`${empty.url}/`);
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await expect(page.getByText("No templates yet")).toBeVisible();
  await expectAccessible(page);
  const again = await page.goto(`${empty.url}/setup`);
  expect(again?.status()).toBe(404);
  await expectAccessible(page);
  // Chromium logs the status of that page.
  expect(complaints.splice(0)).toEqual([expect.stringContaining("404")]);
});

test("the first steps lead from the sample to a claimed workspace", async ({ page, empty }) => {
  await logIn(page, empty);
  const steps = page.getByRole("region", { name: "First steps" });
  const now = steps.locator("[aria-current=step]");
  await expect(now).toContainText("Bring a template");
  await page.getByRole("button", { name: "Try the sample" }).click();
  await expect(now).toContainText("Bring a template");
  await page.getByRole("button", { name: "Create the template" }).click({ timeout: 60_000 });
  await expect(page).toHaveURL(`${empty.url}/`);
  await expect(now).toContainText("Claim a workspace");
  await expectAccessible(page);
  await steps.getByRole("link", { name: "Claim a workspace" }).click({ timeout: 120_000 });
  const dialog = page.getByRole("dialog", { name: "Claim a workspace" });
  await dialog.getByRole("button", { name: "Claim a workspace" }).click();
  await expect(page).toHaveURL(/\/workspaces\/[0-9a-f-]{36}/);
  await page.goto(`${empty.url}/`);
  await expect(page.getByRole("table", { name: "Presets" })).toBeVisible();
  await expect(steps).toHaveCount(0);
});

test("who is logged out has to log in again, with the right password", async ({ page, empty }) => {
  await page.goto(`${empty.url}/`);
  await expect(page).toHaveURL(/\/login/);
  await expectAccessible(page);
  await page.getByLabel("Username or email").fill(admin.email);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/Incorrect/);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page).toHaveURL(`${empty.url}/`);
  await page.locator("summary", { hasText: "Account" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page).toHaveURL(/\/login/);
});
