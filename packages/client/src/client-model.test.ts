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

const environments: Record<string, Partial<ClientEnvironment>> = {
  "push and poll, cuts, crashes, changes of mode": {},
  "push and poll, frames lost and repeated": { frames: true },
  "automatic commits": { commit: "auto", frames: true },
  "push only, cuts, crashes": { offers: ["push"] },
  "push only, frames lost and repeated": { offers: ["push"], frames: true },
  "poll only, cuts, crashes": { offers: ["poll"] },
  "by key, frames lost and repeated": { byKey: true, frames: true },
  "retention overtakes the reader": { retention: true },
  "the log restarts": { restarts: true },
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
