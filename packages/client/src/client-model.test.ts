import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomOf } from "../../ordering/src/consumer/testing/random";
import { type ClientEnvironment, runClientModel } from "./testing/client-model";

const base: ClientEnvironment = {
  offers: ["push", "poll"],
  byKey: false,
  cuts: true,
  frames: false,
  retention: false,
  restarts: false,
  crashes: true,
  commit: "explicit",
};

const resequence = { window: 6, holdMs: 150 };

const environments: Record<string, Partial<ClientEnvironment>> = {
  "push and poll, cuts, crashes, changes of mode": {},
  "push and poll, frames lost and repeated": { frames: true },
  "automatic commits": { commit: "auto", frames: true },
  "push only, cuts, crashes": { offers: ["push"] },
  "push only, frames lost and repeated": { offers: ["push"], frames: true },
  "poll only, cuts, crashes": { offers: ["poll"] },
  "by key, frames lost and repeated": { byKey: true, frames: true },
  "webhook only, strict order, cuts, crashes": { offers: ["webhook"] },
  "webhook only, strict order, automatic commits": { offers: ["webhook"], commit: "auto", frames: true },
  "webhook only, resequencing, copies": { offers: ["webhook"], resequence, frames: true },
  "webhook only, by key": { offers: ["webhook"], byKey: true, frames: true },
  "webhook only, by key, resequencing": { offers: ["webhook"], resequence, byKey: true, frames: true },
  "webhook, events are given up": { offers: ["webhook"], resequence, maxAttempts: 3 },
  "webhook and poll, strict order, gaps are let go": { offers: ["webhook", "poll"], maxAttempts: 2 },
  "webhook, retention and restarts": { offers: ["webhook"], resequence, retention: true, restarts: true },
  "all modes": { offers: ["push", "poll", "webhook"], resequence, frames: true },
  "all modes, strict order, automatic commits": { offers: ["push", "poll", "webhook"], commit: "auto" },
  "all modes, by key": { offers: ["push", "poll", "webhook"], resequence, byKey: true, frames: true },
  "retention overtakes the reader": { retention: true },
  "the log restarts": { restarts: true },
  "everything at once, in all modes, by key": {
    offers: ["push", "poll", "webhook"],
    resequence,
    byKey: true,
    frames: true,
    retention: true,
    restarts: true,
    maxAttempts: 3,
  },
  "everything at once, by key": { byKey: true, frames: true, retention: true, restarts: true },
};

const RUNS = Number(process.env.MODEL_RUNS ?? 25);

describe("ORD-1 to ORD-4, ORD-7, ORD-9: client and server as wholes, with faults", () => {
  for (const [name, env] of Object.entries(environments)) {
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          expect(await runClientModel(randomOf(seed), { ...base, ...env })).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    }, 120_000);
  }
});
