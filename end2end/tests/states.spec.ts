import type { Page } from "@playwright/test";
import { workspace } from "./support/pictures.ts";
import { expect, logIn, test } from "./support/test.ts";

interface Pool {
  template_name: string;
  preset_name: string;
  decision: { state: { eligible: number; desired: number } };
  demand: { seconds: number; claims: number; hit_rate: number | null }[];
}

/** The panel that says what the reconciler has decided. */
const why = (page: Page) => page.getByRole("region", { name: "Why" });

/** A row of the overview. */
const row = (page: Page, preset: string) => page.locator("#presets tbody").filter({ hasText: preset });

test("2. Overview tells the truth: it shows every state, what needs a person first", async ({ page, seeded }) => {
  await logIn(page, seeded);
  const rows = page.locator("#presets tbody");
  await expect(rows).toContainText([
    /gpu.*a100.*Hard-limited/,
    /gpu.*h100.*Invalid/,
    /web.*large.*Backing off/,
    /mobile.*ios.*Empty/,
    /data.*default.*Healthy.*Replaces 2/,
    /ml.*small.*Filling/,
    /mobile.*android.*Paused/,
    /ml.*large.*Shrinking/,
    /data.*notebook.*Healthy/,
    /web.*small.*Healthy/,
    /docs.*default.*Off hours/,
    /web.*try.*Zero/,
    /legacy.*default.*Retired/,
  ]);
  const answer = await page.request.get(`${seeded.url}/api/v2/pools`);
  const { pools } = (await answer.json()) as { pools: Pool[] };
  expect(pools).toHaveLength(await rows.count());
  for (const { template_name, preset_name, decision, demand } of pools) {
    const shown = row(page, `${template_name} / ${preset_name}`);
    const cell = (label: string) => shown.locator(`td[data-label="${label}"]`);
    await expect(cell("Ready")).toHaveText(String(decision.state.eligible));
    await expect(cell("Wanted")).toHaveText(String(decision.state.desired));
    const rate = demand.find(({ seconds }) => seconds === 24 * 3600)?.hit_rate;
    await expect(cell("From pool")).toHaveText(typeof rate === "number" ? `${Math.round(rate * 100)}%` : "—");
  }
});

test("15. Clean hydration and time: a page tells the times that the server has drawn", async ({ page, seeded }) => {
  await logIn(page, seeded);
  for (const path of ["/", "/presets/web/large", "/activity", "/drift"]) {
    const drawn = await (await page.request.get(seeded.url + path)).text();
    await page.goto(seeded.url + path);
    await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
    const shown = await page.locator("time[data-tick]").evaluateAll((times) => times.map((time) => time.outerHTML));
    expect(shown.length, path).toBeGreaterThan(0);
    for (const time of shown) expect(drawn.replaceAll(/&nbsp;|\u00a0/g, " ")).toContain(time.replaceAll(/&nbsp;|\u00a0/g, " "));
  }
});

test.describe("in another zone", () => {
  test.use({ timezoneId: "Asia/Kabul" });

  test("times are told in the zone that a person chooses, and what is no zone is refused at its field", async ({ page, seeded }) => {
    await logIn(page, seeded, "/settings/preferences");
    const panel = page.getByRole("region", { name: "Time zone" });
    const zone = panel.getByLabel("Times are told in");
    await zone.fill("Europe/Berln");
    await panel.getByRole("button", { name: "Use this zone" }).click();
    await expect(zone).toHaveAttribute("aria-invalid", "true");
    await expect(zone).toHaveAccessibleDescription(/^Must be the name of a time zone/);
    await expect(zone).toHaveValue("Europe/Berln");
    const offer = panel.getByRole("button", { name: "Use Asia/Kabul, the zone of this browser" });
    await offer.click();
    await expect(zone).toHaveValue("Asia/Kabul");
    await expect(zone).not.toHaveAttribute("aria-invalid");
    await expect(offer).toBeHidden();

    await page.goto(`${seeded.url}/presets/web/large`);
    await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
    for (const time of await page.locator("time").all()) await expect(time).toHaveAttribute("title", / Asia\/Kabul$/);
    const chart = page.getByRole("region", { name: "The last 24 hours" });
    await expect(chart).toContainText("Hours: Asia/Kabul.");
    await chart.getByText("Show as table").click();
    await expect(chart.getByRole("columnheader", { name: "From (Asia/Kabul)" })).toBeVisible();
  });
});

test("4. Why equals what happened: an empty pool is filled by a pass, and its page shows each step without a reload", async ({ page, scene }) => {
  await logIn(page, scene, "/presets/mobile/ios");
  const state = page.locator("h1 + .badge, h1 .badge, .title .badge").first();
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await expect(state).toContainText("Empty");
  await scene.tick();
  await expect(state).toContainText("Filling");
  await expect(why(page)).toContainText("Create 1 workspace.");
  const starting = page.locator("dl.tiles > div").filter({ hasText: /^Starting/ }).locator("dd .value");
  await expect(starting, "as many as were decided are being made").toHaveText("1");
  await scene.work();
  await expect(state).toContainText("Healthy");
});

test("4. Why equals what happened: what is wanted follows the schedule when the clock passes its edge", async ({ page, scene }) => {
  await logIn(page, scene, "/presets/web/small");
  await expect(why(page)).toContainText("is active: 10 wanted.");
  const schedule = page.getByRole("region", { name: "Schedule" });
  await expect(schedule).toContainText("19:00");
  await scene.advance(6 * 3600);
  await scene.tick();
  await expect(why(page)).toContainText("Remove 10 workspaces.");
});

test("9. Live log: lines of a running build come in, and none is taken for more than text", async ({ page, scene }) => {
  await logIn(page, scene);
  const path = await workspace(page, scene, "wei", "sandbox");
  await page.goto(scene.url + path);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const title = await page.title();
  await scene.say(path.split("/").pop() ?? "", ["<script>document.title = 'taken over'</script>", "the last line"]);
  await expect(page.getByText("the last line")).toBeVisible();
  await expect(page.getByText("<script>document.title = 'taken over'</script>")).toBeVisible();
  expect(await page.title()).toBe(title);
});

test("keys choose the range, the row, and the end of the log", async ({ page, seeded }) => {
  await logIn(page, seeded, "/presets/data/default");
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await page.keyboard.press("]");
  await expect(page.getByRole("heading", { name: "The last 7 days" })).toBeVisible();
  await page.keyboard.press("[");
  await expect(page.getByRole("heading", { name: "The last 24 hours" })).toBeVisible();
  const member = page.getByRole("table", { name: "Members of the pool" }).getByRole("row").nth(1);
  await member.getByRole("link").first().focus();
  await page.keyboard.press("x");
  await expect(member.getByRole("checkbox")).toBeChecked();

  await page.goto(seeded.url + (await workspace(page, seeded, "lena", "finetune")));
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  const last = page.getByRole("log").first().getByRole("listitem").last();
  await page.keyboard.press("f");
  await expect(last).toBeInViewport();
});
