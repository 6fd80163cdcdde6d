import { expectAccessible } from "./support/axe.ts";
import { expect, logIn, test } from "./support/test.ts";

test("10. Drift: promoting the version with the proved fix turns the cause to Fixed", async ({ page, demo }) => {
  await logIn(page, demo, "/presets/local-drift/large");
  await expect(page.getByRole("region", { name: "Drift on claim" })).toContainText("Proved clean", { timeout: 120_000 });
  await page.getByRole("button", { name: "Import as a new version" }).click();
  await expect(page.getByText(/imported/i).first()).toBeVisible();
  await page.goto(`${demo.url}/templates/local-drift?tab=versions`);
  await page.getByRole("main").getByRole("table").getByRole("link").first().click();
  await page.getByRole("link", { name: "Promote…" }).click({ timeout: 60_000 });
  await page.getByRole("dialog").getByRole("button", { name: /^Promote/ }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.goto(`${demo.url}/drift?status=fixed`);
  const cause = page.getByRole("row").filter({ hasText: "terraform_data.agent" }).first();
  await expect(cause).toContainText("Fixed", { timeout: 120_000 });
  await cause.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("terraform_data.agent");
  await expect(page.getByRole("main")).toContainText("Fixed in");
  await expectAccessible(page);
});
