import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runWebhookModel, type WebhookEnvironment } from "./testing/webhook-model";

const base: WebhookEnvironment = {
  guarantee: "subscription",
  window: 4,
  stores: true,
  recovers: true,
  restarts: 0,
  failOver: 0.06,
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
  "by key, FIFO, store, owners that are cut off": {
    guarantee: "key",
    window: 0,
    recovers: false,
    cut: true,
    failOver: 0.3,
  },
};

const RUNS = Number(process.env.MODEL_RUNS ?? 150);

describe("ORD-1 ORD-2 ORD-3 ORDERING rules 15-20: the consumer under a webhook sender with faults", () => {
  for (const [name, env] of Object.entries(environments)) {
    it(name, () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          expect(runWebhookModel(seed, { ...base, ...env })).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    });
  }
});
