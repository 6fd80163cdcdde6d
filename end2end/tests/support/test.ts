import { test as base, expect, type Browser, type BrowserContextOptions, type Page } from "@playwright/test";
import { Hearth, admin, now, password } from "./server.ts";

export { expect, admin, now, password };

interface WorkerFixtures {
  /** A server that nobody has set up. */
  empty: Hearth;
  /** A server with the admin, the sample templates, and pools that fill. */
  demo: Hearth;
  /** A server on which every state can be seen and nothing happens. Tests leave it as it is. */
  seeded: Hearth;
}

interface TestFixtures {
  complaints: string[];
  /** The same for one test, which may move its clock and let builds end. */
  scene: Hearth;
}

/** Tests fail on anything the browser complains of; hydration mismatches are told there. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        const { url } = message.location();
        // Chromium logs the error status of a refused act; the page shows the refusal.
        if (message.text().startsWith("Failed to load resource") && new URL(url).pathname.startsWith("/act/")) return;
        if (["error", "warning"].includes(message.type())) complaints.push(`${message.text()} (${url})`);
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await use(complaints);
      expect(complaints, "complaints on the browser's console").toEqual([]);
    },
    { auto: true },
  ],
  empty: [served({}), { scope: "worker", timeout: 90_000 }],
  demo: [served({ demo: true }), { scope: "worker", timeout: 90_000 }],
  seeded: [served({ seed: true }), { scope: "worker", timeout: 90_000 }],
  scene: [served({ seed: true }), { scope: "test", timeout: 90_000 }],
});

interface Person {
  username: string;
  password: string;
}

function served(options: Parameters<typeof Hearth.start>[0]) {
  return async ({}, use: (server: Hearth) => Promise<void>) => {
    const server = await Hearth.start(options);
    await use(server);
    await server.stop();
  };
}

/** Logs somebody in. */
export async function logIn(page: Page, server: Hearth, path = "/", person = admin as Person): Promise<void> {
  await page.goto(`${server.url}/login?next=${encodeURIComponent(path)}`);
  await page.getByLabel("Username or email").fill(person.username);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(server.url + path);
}

/** Fills in the form that makes the first person, and sends it. */
export async function setUp(page: Page, code: string): Promise<void> {
  await page.getByLabel("Set-up code").fill(code);
  await page.getByLabel("Username").fill(admin.username);
  await page.getByLabel("Email").fill(admin.email);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Make the account" }).click();
}

/** A second browser of the same person. */
export async function another(page: Page, browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ ...options, storageState: await page.context().storageState() });
  return context.newPage();
}
