import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OrderedEnvironment, runOrderedModel } from "./testing/ordered-model";

const base: OrderedEnvironment = { guarantee: "subscription", window: 4, givesUp: true, restarts: true };

const environments: Record<string, Partial<OrderedEnvironment>> = {
  "one line, window": {},
  "one line, window, nothing given up": { givesUp: false },
  "one line, strict order": { window: 0 },
  "one line, window, nothing stored": { restarts: false },
  "by key, window": { guarantee: "key", window: 8 },
  "by key, strict order": { guarantee: "key", window: 0 },
  "by key, window, nothing stored": { guarantee: "key", window: 8, restarts: false },
};

const RUNS = Number(process.env.MODEL_RUNS ?? 30);

describe("ORD-1 ORD-2 ORD-3 ORD-9 ORDERING rules 15-20: what the handler did is the log, whatever the channel does", () => {
  for (const [name, env] of Object.entries(environments)) {
    test(name, { timeout: 60_000 }, async () => {
      const property = fc.asyncProperty(fc.integer(), async (seed) => {
        expect(await runOrderedModel(seed, { ...base, ...env })).toEqual([]);
      });
      await fc.assert(property, { numRuns: RUNS });
    });
  }
});
