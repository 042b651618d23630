import { registerCases, requireNeeds, type SuiteOptions, type SuiteReport } from "../suite/register-cases";
import { appendCases } from "./cases-append";
import { durableCases } from "./cases-durable";
import { leaseCases } from "./cases-leases";
import { letterCases } from "./cases-letters";
import { readCases } from "./cases-read";
import { sharedCases } from "./cases-shared";
import { subscriptionCases } from "./cases-subscriptions";
import { upstreamCases } from "./cases-upstream";
import type { StoreBounds, StoreCase, StoreUnderTest } from "./under-test";

const CASES: readonly StoreCase[] = [
  ...appendCases,
  ...readCases,
  ...upstreamCases,
  ...subscriptionCases,
  ...leaseCases,
  ...letterCases,
  ...durableCases,
  ...sharedCases,
];

/**
 * Registers one test for each behaviour that a store of events must have (ORDERING "The log", rule 12, ORD-6 to ORD-9).
 *
 * @param start - Opens a fresh and empty store with the bounds given; called once for each test, whose end closes it.
 * @throws Error when `skips` names a case that does not exist, or gives no reason.
 */
export function describeStore(
  name: string,
  start: (bounds: StoreBounds) => Promise<StoreUnderTest> | StoreUnderTest,
  options: SuiteOptions,
): SuiteReport {
  return registerCases("describeStore", name, CASES, (found) => runCase(found, start), options);
}

async function runCase(
  found: StoreCase,
  start: (bounds: StoreBounds) => Promise<StoreUnderTest> | StoreUnderTest,
): Promise<void> {
  const given = await start(found.bounds ?? {});
  try {
    requireNeeds(found.id, found.needs, given);
    await found.run(given);
  } finally {
    await given.close();
  }
}
