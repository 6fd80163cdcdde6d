import type { Page } from "@playwright/test";
import { admin, another, expect, logIn, password, test } from "./support/test.ts";
import { workspace } from "./support/pictures.ts";

// The checks by which the dashboard is accepted, as far as no other file has them. The whole list, from "1. First run" to
// "15. Clean hydration and time", is what `npx playwright test --list -g "\\d+\\."` prints.

const badge = (page: Page) => page.locator(".page-head .title .badge").first();
const ready = (page: Page) => page.locator("dl.tiles > div").filter({ hasText: /^Ready/ }).locator("dd").first();

test("3. Filters are URLs: a state is chosen, and the address shows the same to everybody", async ({ page, seeded, browser }) => {
  await logIn(page, seeded);
  const rows = page.locator("#presets tbody");
  const all = await rows.count();
  await page.getByRole("navigation", { name: "Filter by state" }).getByRole("link", { name: /Backing off/ }).click();
  const here = `${seeded.url}/?state=backing_off`;
  await expect(page).toHaveURL(here);
  await expect(rows).toHaveCount(1);
  const shown = await rows.allTextContents();
  await page.reload();
  await expect(rows).toHaveText(shown);
  await page.goBack();
  await expect(rows).toHaveCount(all);
  await page.goForward();
  await expect(rows).toHaveText(shown);
  const other = await another(page, browser);
  await other.goto(here);
  await expect(other.locator("#presets tbody")).toHaveText(shown);
  await other.context().close();
});

test.describe("with scripts off", () => {
  test.use({ javaScriptEnabled: false });

  test("6. Claim, no JS: who comes too late is told so, and nothing is made", async ({ page, scene, browser }) => {
    const address = "/presets/web/large?dialog=claim";
    await logIn(page, scene, address);
    const late = await another(page, browser, { javaScriptEnabled: false });
    await late.goto(scene.url + address);
    for (const one of [page, late]) {
      await one.getByLabel("Workspace name").fill(one === page ? "first" : "second");
      await one.getByLabel("Only from the pool").check();
      await one.getByRole("button", { name: "Claim a workspace" }).click();
    }
    await expect(page.getByRole("heading", { level: 1, name: "first" })).toBeVisible();
    await expect(late.getByRole("dialog")).toContainText("Somebody else took the last one a moment ago.");
    await late.goto(`${scene.url}/workspaces`);
    await expect(late.getByRole("link", { name: "first", exact: true })).toBeVisible();
    await expect(late.getByRole("link", { name: "second", exact: true })).toHaveCount(0);
    await late.context().close();
  });
});

test("7. Two browsers, one workspace: one gets it, the other hears so and may choose", async ({ page, scene, browser }) => {
  await logIn(page, scene, "/presets/web/large?dialog=claim");
  const other = await another(page, browser);
  await other.goto(page.url());
  const both = [page, other];
  for (const [at, one] of both.entries()) {
    await one.getByLabel("Workspace name").fill(`race-${at}`);
    await one.getByLabel("Only from the pool").check();
  }
  await Promise.all(both.map((one) => one.getByRole("dialog").getByRole("button", { name: /^Claim/ }).click()));
  const lost = (one: Page) => one.getByText("Somebody else took the last one");
  await expect(async () => {
    const outcomes = await Promise.all(both.map(async (one) => ((await lost(one).count()) > 0 ? "missed" : new URL(one.url()).pathname.split("/")[1])));
    expect(outcomes.sort()).toEqual(["missed", "workspaces"]);
  }).toPass();
  for (const one of both) {
    if ((await lost(one).count()) === 0) continue;
    await expect(one.getByRole("dialog")).toContainText("None is starting: build one from nothing, or ask again later.");
    await expect(one.getByRole("button", { name: "Build from nothing" })).toBeVisible();
  }
  expect(scene.console.join("")).not.toContain("ERROR");
  await other.context().close();
});

test("8. Live without reload: a build ends, the page says so, and nothing moves", async ({ page, scene }) => {
  await page.addInitScript(() => {
    const page = window as unknown as { shifted: number };
    page.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) page.shifted += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await logIn(page, scene, "/presets/mobile/ios");
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const status = page.locator("#spoken");
  await expect(badge(page)).toContainText("Empty");
  const before = await status.innerText();
  const anchor = page.getByRole("link", { name: "What if…" });
  await anchor.focus();
  await page.evaluate(() => window.scrollTo(0, 120));
  const at = (await anchor.boundingBox())?.y;
  const wanted = Number(/of (\d+) wanted/.exec(await page.locator("dl.tiles").innerText())?.[1]);
  await scene.tick();
  await scene.work();
  await expect(ready(page)).toContainText(String(wanted), { timeout: 3_000 });
  await expect(status).not.toHaveText(before);
  await expect(anchor).toBeFocused();
  expect((await anchor.boundingBox())?.y, "what is looked at stays in its place").toBeCloseTo(at ?? 0, 0);
  expect(await page.evaluate(() => (window as unknown as { shifted: number }).shifted)).toBeLessThan(0.02);
});

test("9. Live log: lines come in order and once, over a lost connection, and one can be pointed at", async ({ page, scene }) => {
  await logIn(page, scene);
  const path = await workspace(page, scene, "wei", "sandbox");
  await page.goto(scene.url + path);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const id = path.split("/").pop() ?? "";
  const log = page.getByRole("log").first();
  const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `counted ${from + at}`);
  await scene.say(id, lines(0, 40));
  await expect(log).toContainText("counted 39");
  await log.evaluate((log) => log.scrollTo(0, 0));
  await page.context().setOffline(true);
  await scene.say(id, lines(40, 60));
  await page.context().setOffline(false);
  await expect(log).toContainText("counted 59", { timeout: 30_000 });
  expect(await log.evaluate((log) => log.scrollTop), "a log that is not followed stays where it is").toBe(0);
  const counted = (await log.innerText()).match(/counted \d+/g);
  expect(counted).toEqual(lines(0, 60));
  await page.goto("about:blank");
  await page.goto(`${scene.url}${path}#L40`);
  await expect(page.locator("#L40")).toBeInViewport();
  await expect(page.locator("#L40:target")).toHaveCount(1);

  await page.getByRole("link", { name: "Follow", exact: true }).first().click();
  await expect(page.getByText("counted 59")).toBeInViewport();
  await scene.say(id, lines(60, 120));
  await expect(page.getByText("counted 119"), "a followed log stays at its end").toBeInViewport();
  await log.evaluate((log) => log.scrollTo(0, 0));
  await scene.say(id, lines(120, 121));
  await expect(log).toContainText("counted 120");
  expect(await log.evaluate((log) => log.scrollTop), "until somebody scrolls away").toBe(0);
  await page.locator("#L30 a").click();
  await expect(page.locator("#L30:target")).toBeInViewport();
});

test("11. Pause, resume, override: each holds, says who, and is on record", async ({ page, scene }) => {
  await logIn(page, scene, "/presets/mobile/ios");
  await page.getByRole("link", { name: "Pause", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("dialog"), "a pause without a reason").toBeVisible();
  await page.getByRole("dialog").getByRole("textbox", { name: "Why" }).fill("the signing key is being renewed");
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await expect(badge(page)).toContainText("Paused");
  await expect(page.locator(".lead")).toContainText(`${admin.username} paused`);
  await scene.tick();
  await scene.work();
  await page.reload();
  await expect(ready(page)).toContainText("0");
  await page.getByRole("button", { name: "Resume" }).click();
  await scene.tick();
  await scene.work();
  await expect(badge(page)).toContainText("Healthy");

  const wanted = page.locator("dl.tiles > div").filter({ hasText: /^Wanted/ }).locator("dd").first();
  const usual = (await wanted.innerText()).trim();
  await page.getByRole("link", { name: "Override…" }).click();
  await page.getByRole("dialog").getByLabel("Wanted").fill("8");
  await page.getByRole("dialog").getByLabel("Why").fill("a release day");
  await page.getByRole("dialog").getByRole("button", { name: "Override" }).click();
  await expect(page.getByRole("region", { name: "Settings" })).toContainText("8 wanted, ends in");
  await scene.tick();
  await expect(wanted).toContainText("8");
  await scene.work();
  await scene.advance(3700);
  await scene.tick();
  await expect(wanted).toContainText(usual);

  await page.goto(`${scene.url}/activity?target=mobile/ios`);
  const record = page.getByRole("table", { name: "Acts, newest first" });
  for (const act of ["paused pool", "resumed pool", "overrode pool"]) {
    const row = record.locator("tbody").filter({ hasText: act }).first();
    await expect(row).toContainText(admin.username);
    await expect(row).toContainText("Before and after");
  }

  await page.goto(`${scene.url}/activity?actor=reconciler&verb=create`);
  const made = record.locator("tbody").filter({ hasText: /^The reconciler created \d+ workspaces for mobile \/ ios/ }).first();
  const each = made.getByRole("listitem");
  await expect(each.first()).toBeHidden();
  await made.getByText("Each of them").click();
  await expect(each.first().getByRole("link")).toHaveAttribute("href", /^\/workspaces\//);
});

test("12. Destructive acts: a question first, and nothing for who may not", async ({ page, seeded, browser }) => {
  await logIn(page, seeded, "/templates/docs");
  await page.locator("summary", { hasText: "More" }).click();
  const opener = page.getByRole("link", { name: "Delete…" });
  await opener.click();
  const dialog = page.getByRole("dialog", { name: "Delete docs" });
  await expect(dialog.getByRole("link", { name: "Cancel" })).toBeFocused();
  const act = dialog.getByRole("button", { name: "Delete docs" });
  await expect(act).toBeDisabled();
  await dialog.getByRole("textbox").fill("doc");
  await expect(act).toBeDisabled();
  await dialog.getByRole("textbox").fill("docs");
  await expect(act).toBeEnabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(opener).toBeFocused();

  const other = await another(page, browser, { javaScriptEnabled: false });
  await other.goto(`${seeded.url}/templates/docs?dialog=delete`);
  await other.getByRole("dialog").getByRole("textbox").fill("doc");
  await other.getByRole("dialog").getByRole("button", { name: "Delete docs" }).click();
  await expect(other.getByRole("dialog").getByRole("textbox"), "the server asks for the name, too").toHaveAttribute("aria-invalid", "true");
  await other.context().close();

  const priya = await browser.newPage();
  await logIn(priya, seeded, "/presets/web/small", { username: "priya", password });
  await expect(priya.getByRole("link", { name: "Claim a workspace" })).toBeVisible();
  for (const act of ["Pause", "Override…", "Replace all members…"]) await expect(priya.getByText(act, { exact: true })).toHaveCount(0);
  const posted = await priya.request.post(`${seeded.url}/act/delete-template`, {
    form: { template: "docs", typed: "docs" },
    headers: { accept: "application/json", origin: seeded.url },
  });
  expect(posted.status()).toBe(403);
  await priya.context().close();
});

const MAIN = ["/", "/templates/web", "/presets/data/default", "/drift"];

test("13. Accessibility: the focus is seen wherever a key leads it, and the way back leads where one was", async ({ page, seeded }) => {
  await page.setViewportSize({ width: 1280, height: 480 });
  await logIn(page, seeded);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const header = await page.locator(".header").evaluate((header) => header.getBoundingClientRect().bottom);
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return null;
      const { top, bottom } = focused.getBoundingClientRect();
      const outline = ["", "::before", "::after"].some((part) => getComputedStyle(focused, part).outlineStyle !== "none");
      return { what: focused.outerHTML.slice(0, 80), top, bottom, outline, inHeader: !!focused.closest(".header, .nav, .skip") };
    });
    if (!at) break;
    expect(at.outline, `the focus on ${at.what} is not seen`).toBe(true);
    expect(at.bottom > 0 && at.top < 480, `${at.what} has the focus outside the window`).toBe(true);
    if (!at.inHeader) expect(at.top, `${at.what} has the focus under the header`).toBeGreaterThanOrEqual(header - 1);
  }
  const last = page.locator("#presets tbody").last().getByRole("link").first();
  await last.focus();
  const scrolled = await page.evaluate(() => window.scrollY);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.goBack();
  await expect(last).toBeFocused();
  expect(await page.evaluate(() => window.scrollY)).toBe(scrolled);
});

test("14. Themes and small screens: the first HTML wears the theme, and everything fits a phone", async ({ page, seeded }) => {
  await logIn(page, seeded);
  await page.getByRole("button", { name: /Switch to dark/ }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const html = await (await page.request.get(seeded.url)).text();
  expect(html).toMatch(/<html[^>]* data-theme="dark"/);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of [...MAIN, await workspace(page, seeded, "tom", "tom-web")]) {
    await page.goto(seeded.url + path);
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `width of ${path}`).toBeLessThanOrEqual(320);
    const small = await page.locator("button, select, summary, input:not([type=hidden]), a.button, a.chip").evaluateAll((targets) =>
      targets
        .filter((target) => target.checkVisibility())
        .map((target) => ({ what: target.outerHTML.slice(0, 80), box: (target.closest("label") ?? target).getBoundingClientRect() }))
        .filter(({ box }) => box.width < 24 || box.height < 24)
        .map(({ what }) => what),
    );
    expect(small, `targets of ${path} that are too small`).toEqual([]);
  }
  await page.goto(`${seeded.url}/templates/web`);
  const more = page.locator("summary", { hasText: "More" });
  await more.click();
  await expect(page.getByRole("link", { name: "Delete…" }), "a menu in the bar opens upward").toBeInViewport({ ratio: 1 });
  const bar = await page.locator(".actions[data-sticky]").boundingBox();
  const end = await more.boundingBox();
  expect((bar?.width ?? 0) - (end?.x ?? 0) - (end?.width ?? 0), "what is empty beside the last act").toBeLessThanOrEqual(13);
});

test("15. Clean hydration and time: charts are there without scripts, with words and a table", async ({ page, seeded, browser }) => {
  await logIn(page, seeded);
  const other = await another(page, browser, { javaScriptEnabled: false });
  for (const path of MAIN) {
    await page.goto(seeded.url + path);
    await other.goto(seeded.url + path);
    const charts = other.locator("svg[role=img]");
    expect(await charts.count(), path).toBe(await page.locator("svg[role=img]").count());
    for (const chart of await charts.all()) {
      const words = await chart.evaluate((chart) => chart.querySelector("title")?.textContent || chart.getAttribute("aria-label"));
      expect(words, `a drawing without words on ${path}`).toBeTruthy();
    }
    expect(await other.getByRole("row").count(), path).toBe(await page.getByRole("row").count());
    await expect(other.getByText("Loading")).toHaveCount(0);
    for (const time of await page.locator("time").all()) {
      expect(await time.getAttribute("datetime")).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(await time.getAttribute("title")).toMatch(/\d{4}, \d\d:\d\d:\d\d UTC$/);
    }
  }
  await other.goto(`${seeded.url}/presets/data/default`);
  const chart = other.locator("figure, section").filter({ has: other.locator("svg[role=img]") }).first();
  await expect(chart.locator("svg.wide > title")).not.toBeEmpty();
  await expect(chart.locator("svg.wide > desc")).not.toBeEmpty();
  await expect(chart.locator("details table tbody tr").first()).toBeAttached();
  await other.context().close();
});
