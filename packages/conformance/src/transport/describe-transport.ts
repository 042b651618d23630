import { check } from "./assert";
import { endingCases } from "./cases-ending";
import { flowCases } from "./cases-flow";
import { loadCases } from "./cases-load";
import type { SuiteSize, TransportCase, TransportUnderTest } from "./under-test";

/** The cases by their id. */
export type Cases = readonly TransportCase[];

/** How the suite is told to the test framework. */
export interface DescribeTransportOptions {
  /** Registers a test: `test` of vitest, `node:test`, jest, or anything of that shape. */
  test(title: string, fn: () => Promise<void>): unknown;
  /** Cases that do not apply, by id, each with the reason; they are reported, never dropped in silence. */
  readonly skips?: Readonly<Record<string, string>> | undefined;
  /** Streams that the case `many-streams` opens and drops; default 500. */
  readonly streams?: number | undefined;
  /** Told each skipped case, such as `test.skip` of the framework. */
  skip?(title: string, fn: () => void): unknown;
}

/** What the suite registered. */
export interface TransportReport {
  readonly cases: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

const CASES: Cases = [...flowCases, ...endingCases, ...loadCases];

/**
 * Registers one test for each behaviour that a transport of events must have (PUSH-1 to PUSH-8).
 *
 * @param start - Connects a fresh server and client; called once for each test, whose end closes them.
 * @throws Error when `skips` names a case that does not exist, or gives no reason.
 */
export function describeTransport(
  name: string,
  start: () => Promise<TransportUnderTest>,
  options: DescribeTransportOptions,
): TransportReport {
  const skips = options.skips ?? {};
  for (const [id, reason] of Object.entries(skips)) {
    check(
      CASES.some((known) => known.id === id),
      `describeTransport: no case is called ${id}`,
    );
    check(reason !== "", `describeTransport: ${id} is skipped without a reason`);
  }
  const skipped: { id: string; reason: string }[] = [];
  for (const found of CASES) {
    const title = `${name}: ${found.title}`;
    const reason = skips[found.id];
    if (reason === undefined) {
      options.test(title, () => runCase(found, start, { streams: options.streams ?? 500 }));
    } else {
      skipped.push({ id: found.id, reason });
      options.skip?.(`${title} [skipped: ${reason}]`, () => {});
    }
  }
  return { cases: CASES.map(({ id }) => id), skipped };
}

async function runCase(
  found: TransportCase,
  start: () => Promise<TransportUnderTest>,
  size: SuiteSize,
): Promise<void> {
  const transport = await start();
  try {
    for (const need of found.needs) {
      const help = `start() gives no ${need}(): give it, or name the reason in skips["${found.id}"]`;
      check(transport[need] !== undefined, help);
    }
    await found.run(transport, size);
  } finally {
    await transport.close();
  }
}
