import type { Subscription, SubscriptionItem } from "@mcp-events/client";
import { EventsError } from "@mcp-events/protocol";
import type { ProcessClock } from "../kernel/process-clock";
import type { World } from "../kernel/world";
import type { Effect, Line } from "../oracle/line";

/** An item of any subscription. */
export type AnyItem = SubscriptionItem<unknown>;

/** Where a handler gets its items. */
export type ItemSource =
  | { readonly kind: "single"; readonly items: Subscription; readonly line: Line; readonly byKey: boolean }
  | {
      readonly kind: "merged";
      readonly items: AsyncIterable<AnyItem>;
      readonly subscriptions: readonly Subscription[];
      readonly lines: ReadonlyMap<string, Line>;
    };

/** What becomes of one item. */
function effectOf(item: AnyItem): Effect {
  if (item.kind === "event") return { kind: "event", n: (item.data as { n: number }).n };
  return {
    kind: "gap",
    reason: item.reason,
    epoch: item.to?.epoch,
    from: item.from?.seq ?? 0,
    to: item.to?.seq ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Handles what a client hands out until that ends, by itself or by an error. A handler that fails leaves the loop, and
 * gets again what it did not commit.
 */
export async function runHandler(
  world: World,
  clock: ProcessClock,
  commit: "auto" | "explicit",
  source: ItemSource,
): Promise<void> {
  for (;;) {
    const isOver = await (source.kind === "merged"
      ? handleMerged(world, clock, source)
      : commit === "auto"
        ? handleOneByOne(world, clock, source.items, source.line)
        : handleSideBySide(world, clock, source));
    if (isOver || !clock.alive) return;
  }
}

/** Tells the oracle of an item; a control may keep it to itself. */
function tell(world: World, line: Line, item: AnyItem): void {
  const isReset = item.kind === "gap" && item.reason === "reset";
  if (isReset && world.control?.handler === "says nothing of resets") return;
  line.handled(effectOf(item));
}

const fails = (world: World) => world.strikes("handlerFailed", "handler failed");

/** Takes a moment, or longer. */
async function work(world: World, clock: ProcessClock): Promise<void> {
  if (world.random.chance(0.5)) return;
  await clock.sleep(world.random.chance(0.1) ? world.random.between(20, 200) : world.random.between(0, 10));
}

/** Whether it is worth going on after an error: a position that was not stored is stored later. */
function passes(error: unknown): boolean {
  return EventsError.is(error) && error.code === "position_store_failed";
}

/** True when the items have ended. */
async function handleOneByOne(
  world: World,
  clock: ProcessClock,
  items: AsyncIterable<AnyItem>,
  line: Line,
): Promise<boolean> {
  try {
    for await (const item of items) {
      if (world.control?.handler === "commits first") await item.commit();
      await work(world, clock);
      if (!clock.alive) return true;
      if (fails(world)) return false;
      tell(world, line, item);
    }
    return true;
  } catch (error) {
    if (!passes(error)) throw error;
    return false;
  }
}

/** Several items in hand, each done when it is done: those of one lane in order. */
async function handleSideBySide(
  world: World,
  clock: ProcessClock,
  { items, line, byKey }: ItemSource & { kind: "single" },
): Promise<boolean> {
  let inHand: AnyItem[] = [];
  let isReading = true;
  const laneOf = (item: AnyItem) =>
    byKey && item.kind === "event" ? line.parts.log.of((item.data as { n: number }).n)?.key : "";
  const finishOne = () => {
    const at = world.random.below(inHand.length);
    const item = inHand[at];
    const before = inHand.slice(0, at);
    if (item === undefined || before.some((one) => one.kind === "gap" || laneOf(one) === laneOf(item)))
      return;
    if (item.kind === "gap" && at > 0) return;
    inHand.splice(at, 1);
    tell(world, line, item);
    item.commit().catch((error: unknown) => {
      if (!passes(error) && isReading) world.violate(`${line.parts.title}: commit failed: ${error}`);
    });
  };
  const finish = async () => {
    while (isReading && clock.alive) {
      finishOne();
      await clock.sleep(world.random.between(1, 25));
    }
  };
  void finish();
  try {
    for await (const item of items) {
      if (!clock.alive) return true;
      if (fails(world)) return false;
      inHand.push(item);
    }
    return true;
  } finally {
    isReading = false;
    inHand = [];
  }
}

/** One line of several subscriptions: in log order, whatever it was that came (ORD-5). */
async function handleMerged(
  world: World,
  clock: ProcessClock,
  { items, subscriptions, lines }: ItemSource & { kind: "merged" },
): Promise<boolean> {
  let last: { epoch: number; seq: number } | undefined;
  try {
    for await (const item of items) {
      await work(world, clock);
      if (!clock.alive) return true;
      if (fails(world)) return false;
      if (item.kind === "event") {
        const at = item.position;
        if (at !== undefined && last !== undefined && at.epoch === last.epoch && at.seq < last.seq) {
          world.violate(`ORD-5: ${item.name} ${at.seq} came after ${last.seq}`);
        }
        last = at;
      }
      await commitTo(subscriptions, lines, item);
    }
    return true;
  } catch (error) {
    if (!passes(error)) throw error;
    return false;
  }
}

/** Commits an item in the subscription it is of: a gap does not say which. */
async function commitTo(
  subscriptions: readonly Subscription[],
  lines: ReadonlyMap<string, Line>,
  item: AnyItem,
): Promise<void> {
  for (const one of subscriptions) {
    if (item.kind === "event" && item.name !== one.name) continue;
    const line = lines.get(one.name)!;
    const effect = effectOf(item);
    line.handled(effect);
    try {
      return await one.commit(item as Parameters<Subscription["commit"]>[0]);
    } catch (error) {
      if (!EventsError.is(error) || error.code !== "option_invalid") throw error;
      line.takeBack(effect);
    }
  }
}
