import { registerCases, requireNeeds, type SuiteOptions, type SuiteReport } from "../suite/register-cases";
import { endingCases } from "./cases-ending";
import { flowCases } from "./cases-flow";
import { loadCases } from "./cases-load";
import type { SuiteSize, TransportCase, TransportUnderTest } from "./under-test";

/** The cases by their id. */
export type Cases = readonly TransportCase[];

/** How the suite is told to the test framework. */
export interface DescribeTransportOptions extends SuiteOptions {
  /** Streams that the case `many-streams` opens and drops; default 500. */
  readonly streams?: number | undefined;
}

/** What the suite registered. */
export type TransportReport = SuiteReport;

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
  const size = { streams: options.streams ?? 500 };
  return registerCases("describeTransport", name, CASES, (found) => runCase(found, start, size), options);
}

async function runCase(
  found: TransportCase,
  start: () => Promise<TransportUnderTest>,
  size: SuiteSize,
): Promise<void> {
  const transport = await start();
  try {
    requireNeeds(found.id, found.needs, transport);
    await found.run(transport, size);
  } finally {
    await transport.close();
  }
}
