import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect, logIn, now } from "./test.ts";
import type { Hearth } from "./server.ts";

const { resolve } = createRequire(import.meta.url);

function face(family: string, file: string): string {
  const font = readFileSync(resolve(`@fontsource-variable/${file}-latin-wght-normal.woff2`)).toString("base64");
  return `@font-face { font-family: "${family}"; font-weight: 100 900; src: url(data:font/woff2;base64,${font}); }`;
}

/** Fonts that come along: with those of the machine a picture would be another one on each. */
const type = `
  ${face("Inter", "inter/files/inter")}
  ${face("JetBrains Mono", "jetbrains-mono/files/jetbrains-mono")}
  :root { --sans: "Inter", sans-serif !important; --mono: "JetBrains Mono", monospace !important; }
  html { caret-color: transparent; }
`;

/** A context that lets a picture set its own fonts, past the policy of the page. */
export const pictured = { bypassCSP: true, deviceScaleFactor: 1 } as const;

/** Logs in on a seeded server, with the browser's clock at its instant. */
export async function enter(page: Page, server: Hearth, theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.clock.setFixedTime(now);
  await logIn(page, server);
}

/** Opens a page and waits until it looks as it will. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.addStyleTag({ content: type });
  const live = page.getByRole("button", { name: "Live" });
  if (await page.getByRole("navigation").count()) await expect(live).toBeVisible();
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** The path of somebody's workspace. */
export async function workspace(page: Page, server: Hearth, owner: string, name: string): Promise<string> {
  await page.goto(`${server.url}/workspaces?owner=${owner}&q=${name}`);
  const href = await page.getByRole("link", { name, exact: true }).first().getAttribute("href");
  return href ?? "";
}
