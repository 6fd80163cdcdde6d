import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe.ts";
import { expect, logIn, test } from "./support/test.ts";

test.describe.configure({ mode: "serial" });

const source = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "region" {
  name    = "region"
  type    = "string"
  default = "eu"
}

data "coder_workspace_preset" "small" {
  name       = "small"
  parameters = { region = "eu" }
}

resource "terraform_data" "box" {
  input = uuid()
}
`;

const zone = `
data "coder_parameter" "zone" {
  name    = "zone"
  type    = "string"
  default = "a"
}
`;

let folder: string;

test.beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), "hearth-template-")), "mine");
  mkdirSync(join(folder, ".terraform"), { recursive: true });
  writeFileSync(join(folder, "main.tf"), source);
  writeFileSync(join(folder, ".terraform", "left-behind"), "x");
});

test.afterAll(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

test("a folder is uploaded, its import watched live, and it becomes a template", async ({ page, demo }) => {
  await logIn(page, demo, "/templates");
  await page.getByRole("link", { name: "New template" }).click();
  await expectAccessible(page);
  await upload(page, "Upload", async () => page.getByLabel("Name", { exact: true }).fill("mine"));
  await expect(page).toHaveURL(/\/templates\/new\?version=[0-9a-f-]{36}/);
  let reloads = 0;
  page.on("framenavigated", (frame) => (reloads += frame === page.mainFrame() ? 1 : 0));
  await expect(page.getByRole("heading", { name: "Make a template of it" })).toBeVisible({ timeout: 60_000 });
  expect(reloads, "navigations while watching").toBe(0);
  await expect(page.getByRole("log", { name: "Log of the import" })).toContainText("Terraform");
  await expect(page.getByRole("region", { name: "Checks" })).toContainText("main.tf:22");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create the template" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "mine" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "small" })).toContainText("nothing prebuilt");
});

test("a new version says what it changes, and is promoted after a question", async ({ page, demo }) => {
  writeFileSync(join(folder, "main.tf"), source + zone);
  await logIn(page, demo, "/templates/mine");
  await page.getByRole("link", { name: "New version" }).click();
  await upload(page, "Upload the version", async () => page.getByLabel("What is new").fill("A zone"));
  await expect(page).toHaveURL(/\/templates\/mine\/versions\/v2/);
  await expect(page.getByRole("region", { name: "Compared with v1" })).toContainText("new parameter zone = a", {
    timeout: 60_000,
  });
  await page.getByRole("link", { name: "Promote…" }).click();
  const dialog = page.getByRole("dialog", { name: "Promote mine v2" });
  await expect(dialog).toContainText("No prebuild is replaced.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Promote v2" }).click();
  await expect(page.getByText("Active", { exact: true }).last()).toBeVisible();
  await page.goto(`${demo.url}/templates/mine?tab=versions`);
  await expect(page.getByRole("row").filter({ hasText: "v2" }).first()).toContainText("Active");
});

test("12. Destructive acts: a template is deleted only by its name", async ({ page, demo }) => {
  await logIn(page, demo, "/templates/mine");
  await page.locator("summary", { hasText: "More" }).click();
  await page.getByRole("link", { name: "Delete…" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete mine" });
  await expect(dialog.getByRole("link", { name: "Cancel" })).toBeFocused();
  await dialog.getByRole("textbox").fill("other");
  await expect(dialog.getByRole("button", { name: "Delete mine" })).toBeDisabled();
  await dialog.getByRole("textbox").fill("mine");
  await dialog.getByRole("button", { name: "Delete mine" }).click();
  await expect(page).toHaveURL(`${demo.url}/templates`);
  await expect(page.getByRole("link", { name: "mine", exact: true })).toHaveCount(0);
});

test.describe("with scripts off", () => {
  test.use({ javaScriptEnabled: false });

  test("an upload is a form, and a refused one says why at its field", async ({ page, demo }) => {
    await logIn(page, demo, "/templates/new");
    await page.getByLabel("Name", { exact: true }).fill("plain");
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    await expect(page.getByLabel("Folder with Terraform files")).toHaveAccessibleDescription(/Choose the folder/);
    await upload(page, "Upload", async () => page.getByLabel("Name", { exact: true }).fill("plain"));
    await expect(page).toHaveURL(/\/templates\/new\?version=/);
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("button", { name: "Create the template" })).toBeVisible({ timeout: 1 });
    }).toPass({ timeout: 60_000 });
  });
});

async function upload(page: Page, button: string, fill: () => Promise<void>): Promise<void> {
  await fill();
  await page.getByLabel("Folder with Terraform files").setInputFiles(folder);
  await page.getByRole("button", { name: button, exact: true }).click();
}
