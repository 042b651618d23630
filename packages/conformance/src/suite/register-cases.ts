import { check } from "../transport/assert";

/** How a suite is told to the test framework. */
export interface SuiteOptions {
  /** Registers a test: `test` of vitest, `node:test`, jest, or anything of that shape. */
  test(title: string, fn: () => Promise<void>): unknown;
  /** Cases that do not apply, by id, each with the reason; they are reported, never dropped in silence. */
  readonly skips?: Readonly<Record<string, string>> | undefined;
  /** Told each skipped case, such as `test.skip` of the framework. */
  skip?(title: string, fn: () => void): unknown;
}

/** What a suite registered. */
export interface SuiteReport {
  readonly cases: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Registers one test for each case that is not skipped.
 *
 * @param suite - Its name in messages.
 * @param name - Of what is under test.
 * @throws Error when `skips` names a case that does not exist, or gives no reason.
 */
export function registerCases<C extends { readonly id: string; readonly title: string }>(
  suite: string,
  name: string,
  cases: readonly C[],
  run: (found: C) => Promise<void>,
  options: SuiteOptions,
): SuiteReport {
  const skips = options.skips ?? {};
  for (const [id, reason] of Object.entries(skips)) {
    check(
      cases.some((known) => known.id === id),
      `${suite}: no case is called ${id}`,
    );
    check(reason !== "", `${suite}: ${id} is skipped without a reason`);
  }
  const skipped: { id: string; reason: string }[] = [];
  for (const found of cases) {
    const title = `${name}: ${found.title}`;
    const reason = skips[found.id];
    if (reason === undefined) options.test(title, () => run(found));
    else {
      skipped.push({ id: found.id, reason });
      options.skip?.(`${title} [skipped: ${reason}]`, () => {});
    }
  }
  return { cases: cases.map(({ id }) => id), skipped };
}

/**
 * Requires what a case needs beside the essentials.
 *
 * @throws Error that says what `start()` has to give.
 */
export function requireNeeds<N extends string>(
  id: string,
  needs: readonly N[],
  given: { readonly [K in N]?: unknown },
): void {
  for (const need of needs) {
    const help = `start() gives no ${need}(): give it, or name the reason in skips["${id}"]`;
    check(given[need] !== undefined, help);
  }
}
