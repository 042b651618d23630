import { type Arrival, Resequencer } from "@mcp-events/ordering";
import type { Control } from "./control";
import { replace } from "./patches";
import {
  withKeys,
  withMemoryLog,
  withMerge,
  withResequencing,
  withRetention,
  withWebhooksOnly,
} from "./plans";

type Offer = (this: Resequencer<unknown>, arrival: Arrival<unknown>) => string;

/** Rules of the consumer, switched off one at a time. */
export const CONSUMER_RULES: readonly Control[] = [
  {
    name: "reset-untold",
    breaks: "ORD-7: a log that begins anew is not told",
    within: 50,
    plan: withMemoryLog,
    handler: "says nothing of resets",
  },
  {
    name: "old-epochs-adopted",
    breaks: "rule 15: an event of an older epoch is taken for one of the current",
    within: 400,
    plan: (plan) => ({ ...withMemoryLog(plan), rates: { ...plan.rates, postLate: 0.2 } }),
    patch: () =>
      replace(Resequencer.prototype, "offer", (own) => ({
        value(this: Resequencer<unknown>, arrival: Arrival<unknown>) {
          const epoch = this.released?.epoch ?? arrival.mark.epoch;
          const mark = { ...arrival.mark, epoch: Math.max(epoch, arrival.mark.epoch) };
          return (own.value as Offer).call(this, { ...arrival, mark });
        },
      })),
  },
  {
    name: "acknowledge-when-released",
    breaks: "ORD-9, rule 17: a copy of what is handed out and not committed is acknowledged",
    within: 200,
    plan: withWebhooksOnly,
    patch: () =>
      replace(Resequencer.prototype, "offer", (own) => ({
        value(this: Resequencer<unknown>, arrival: Arrival<unknown>) {
          const verdict = (own.value as Offer).call(this, arrival);
          if (verdict === "pending") arrival.onOutcome?.("committed");
          return verdict;
        },
      })),
  },
  {
    name: "duplicates-unknown",
    breaks: "ORD-3, rule 17: what was handled is not recognised",
    within: 100,
    patch: () =>
      replace(Resequencer.prototype, "offer", (own) => {
        const seen = new WeakMap<object, number>();
        return {
          value(this: Resequencer<unknown>, arrival: Arrival<unknown>) {
            const { mark } = arrival;
            const at = this.released?.seq ?? 0;
            const isCopy = mark.seq <= at && !seen.has(arrival);
            const moved = isCopy ? { ...mark, seq: at + 1, prev: at } : mark;
            return (own.value as Offer).call(this, { ...arrival, mark: moved });
          },
        };
      }),
  },
  {
    name: "held-is-lost",
    breaks: "ORD-2, rule 19: what is missing when the hold is over is reported lost, without asking for it",
    within: 300,
    plan: withResequencing,
    patch: () =>
      replace(Resequencer.prototype, "offer", (own) => ({
        value(this: Resequencer<unknown>, arrival: Arrival<unknown>) {
          const verdict = (own.value as Offer).call(this, arrival);
          if (verdict === "held") this.giveUp();
          return verdict;
        },
      })),
  },
  {
    name: "failure-goes-on",
    breaks: "ORD-2, rule 20: after a handler failed, the next item is handed out",
    within: 100,
    plan: (plan) => ({ ...plan, rates: { ...plan.rates, handlerFailed: 0.15 } }),
    patch: () => replace(Resequencer.prototype, "rewind", () => ({ value() {} })),
  },
  {
    name: "gap-before-its-events",
    breaks: "ORD-2, rule 21: the position of a truncated answer is taken before its events",
    within: 300,
    plan: withRetention,
    patch: () =>
      replace(Resequencer.prototype, "answer", (own) => ({
        value(this: Resequencer<unknown>, answer: Parameters<Resequencer<unknown>["answer"]>[0]) {
          if (answer.truncated) own.value.call(this, { ...answer, events: [] });
          return own.value.call(this, answer);
        },
      })),
  },
  {
    name: "null-cursor",
    breaks: "ORD-2, rule 22: a consumer that has a position asks from now",
    within: 50,
    request: (_method, { cursor, ...params }) =>
      cursor === undefined ? params : { ...params, cursor: null },
  },
  {
    name: "ahead-forgotten",
    breaks: "ORD-3, ORD-9: the stored position of a type ordered by key leaves out what is ahead",
    within: 200,
    plan: withKeys,
    position: (position) =>
      position.state === undefined ? position : { ...position, state: { ...position.state, ahead: [] } },
  },
  {
    name: "merge-as-it-comes",
    breaks: "ORD-5, rule 24: merged subscriptions are handed out as they come",
    within: 50,
    plan: withMerge,
    handler: "merges as it comes",
  },
];
