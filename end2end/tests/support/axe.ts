import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

/** Fails on what keeps people from using the page. Evaluated, not added as a script: the page's policy stays on. */
export async function expectAccessible(page: Page): Promise<void> {
  // What fades in is measured when it is there.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime))
        .map(({ finished }) => finished),
    ),
  );
  await page.evaluate(axe.source);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ["violations"],
      // WCAG 2.2: not yet among what is looked for by itself.
      rules: { "target-size": { enabled: true } },
    }),
  );
  const grave = results.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const report = grave.map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ target }) => target.join(" ")) }));
  expect(report, `accessibility of ${page.url()}`).toEqual([]);
}
