import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lanesOwners } from "../producer/testing/lanes-sender";
import { runWebhookModel, type WebhookEnvironment } from "./testing/webhook-model";
import { modelOwners } from "./testing/webhook-sender";

const base: WebhookEnvironment = {
  guarantee: "subscription",
  window: 4,
  stores: true,
  recovers: true,
  restarts: 0,
  failOver: 0.06,
  changes: 0,
  cut: false,
};

const environments: Record<string, Partial<WebhookEnvironment>> = {
  "one line, window, store, recovery": {},
  "one line, window, store": { recovers: false },
  "one line, window, recovery, nothing stored": { stores: false },
  "one line, window, nothing stored": { stores: false, recovers: false },
  "one line, FIFO, store, recovery": { window: 0 },
  "one line, window, store, restarts of the log": { restarts: 0.03, recovers: false },
  "by key, window, store, recovery": { guarantee: "key" },
  "by key, window, store": { guarantee: "key", recovers: false },
  "by key, FIFO, store": { guarantee: "key", window: 0, recovers: false },
  "by key, window, nothing stored": { guarantee: "key", stores: false, recovers: false },
  "by key, window, store, restarts of the log": { guarantee: "key", restarts: 0.03, recovers: false },
  "one line, window, store, changes of channel": { recovers: false, changes: 0.3 },
  "by key, window, store, changes of channel": { guarantee: "key", recovers: false, changes: 0.3 },
  "by key, FIFO, store, owners that are cut off": {
    guarantee: "key",
    window: 0,
    recovers: false,
    cut: true,
    failOver: 0.3,
  },
};

const RUNS = Number(process.env.MODEL_RUNS ?? 150);

const senders = { "a sender of a few lines": modelOwners, "a sender on the real lanes": lanesOwners };

for (const [sender, ownersOf] of Object.entries(senders)) {
  describe(`ORD-1 ORD-2 ORD-3 ORDERING rules 10-20: the consumer under ${sender} with faults`, () => {
    for (const [name, env] of Object.entries(environments)) {
      it(name, () => {
        fc.assert(
          fc.property(fc.integer(), (seed) => {
            expect(runWebhookModel(seed, { ...base, ...env }, ownersOf)).toEqual([]);
          }),
          { numRuns: RUNS },
        );
      });
    }
  });
}
