import { memoryPositions, memoryStore, memoryWebhooks } from "@mcp-events/ordering";
import { test } from "vitest";
import { ManualClock } from "../../ordering/src/testing/manual-clock";
import { describeStore, type StoreBounds } from "./store";

const ENDS = "what is in memory ends with its process";

/** A store in memory, which several servers of one process may share. */
function start(bounds: StoreBounds) {
  const clock = new ManualClock();
  const { maxDeadLetters, ...rest } = bounds;
  const base = memoryStore({ clock, ...rest });
  const webhooks = memoryWebhooks({ clock, maxDeadLetters, shared: true });
  const store = { ...base, webhooks };
  return {
    store,
    positions: memoryPositions(),
    pass: (ms: number) => clock.advance(ms),
    another: async () => store,
    close: async () => base.close(),
  };
}

describeStore("in memory", start, {
  test,
  skip: test.skip,
  skips: Object.fromEntries(
    ["log", "unanswered", "hole", "truncate", "upstream", "webhooks", "positions"].map((part) => [
      `durable-${part}`,
      ENDS,
    ]),
  ),
});
