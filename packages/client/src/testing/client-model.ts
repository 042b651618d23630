import { memoryPositions } from "@mcp-events/ordering";
import { type DeliveryMode, METHODS, type ResequenceOffer } from "@mcp-events/protocol";
import { ManualClock, settle } from "../../../ordering/src/testing/manual-clock";
import { createEventClient } from "../create-event-client";
import type { EventClient } from "../event-client";
import type { SubscriptionItem } from "../items";
import type { Subscription } from "../subscription";
import { FakeConnection } from "./fake-connection";
import { FakeReceiver } from "./fake-receiver";
import { ModelServer } from "./model-server";
import { lists } from "./wire";

/** One environment of the client model. */
export interface ClientEnvironment {
  readonly offers: readonly DeliveryMode[];
  readonly byKey: boolean;
  readonly cuts: boolean;
  readonly frames: boolean;
  readonly retention: boolean;
  readonly restarts: boolean;
  /** The client is stopped without a word and started from its stored position. */
  readonly crashes: boolean;
  readonly commit: "auto" | "explicit";
  /** What the receiver of webhooks offers; absent: nothing, so the sender keeps strict order. */
  readonly resequence?: ResequenceOffer | undefined;
  /** Attempts after which the server gives an event up; absent: never. */
  readonly maxAttempts?: number | undefined;
}

interface Handled {
  readonly epoch: number;
  readonly seq: number;
  readonly key: string;
}

/**
 * Client and server as wholes on a virtual clock: random emits, faults, crashes, failing handlers and changes of mode.
 * Returns what was violated.
 */
export async function runClientModel(random: () => number, env: ClientEnvironment): Promise<string[]> {
  const clock = new ManualClock();
  const positions = memoryPositions();
  const bad: string[] = [];
  const handled: Handled[] = [];
  const gaps: { epoch: number; from: number; to: number; reason: string }[] = [];
  const logs = new Map<number, ModelServer["events"]>();
  let connection = new FakeConnection();
  const server = new ModelServer(connection, random, env, env.byKey, () => clock.now(), env.maxAttempts);
  let receiver = new FakeReceiver();
  let client: EventClient | undefined;
  let subscription: Subscription | undefined;
  let start: number | undefined;
  let generation = 0;
  let inHand: SubscriptionItem[] = [];

  const covered = (epoch: number, seq: number) =>
    handled.some((one) => one.epoch === epoch && one.seq === seq) ||
    gaps.some((gap) => gap.epoch === epoch && gap.from < seq && seq <= gap.to);
  const check = (epoch: number, seq: number, key: string) => {
    const mine = handled.filter((one) => one.epoch === epoch);
    if (mine.some((one) => one.seq === seq)) bad.push(`duplicate ${epoch}:${seq}`);
    if (mine.some((one) => one.seq > seq && (!env.byKey || one.key === key)))
      bad.push(`order ${epoch}:${seq}`);
    for (const one of logs.get(epoch) ?? server.events) {
      const before = one.inView && one.seq < seq && (epoch > 1 || one.seq > (start ?? 0));
      if (before && (!env.byKey || one.key === key) && !covered(epoch, one.seq)) {
        bad.push(`silent ${epoch}:${one.seq} before ${seq}`);
      }
    }
  };
  const record = (item: SubscriptionItem) => {
    if (item.kind === "event") {
      const { epoch, seq } = item.position ?? { epoch: -1, seq: -1 };
      const key = (logs.get(epoch) ?? server.events)[seq - 1]?.key ?? "?";
      check(epoch, seq, key);
      handled.push({ epoch, seq, key });
      return;
    }
    const { epoch, seq: to } = item.to ?? { epoch: -1, seq: -1 };
    if (item.reason === "reset") {
      for (let lost = 1; lost < epoch; lost += 1)
        gaps.push({ epoch: lost, from: 0, to: 1e9, reason: "reset" });
      gaps.push({ epoch, from: 0, to, reason: "reset" });
    } else gaps.push({ epoch, from: item.from?.seq ?? 0, to, reason: item.reason });
  };

  const handle = async (from: Subscription, mine: number) => {
    while (mine === generation && from.state !== "closed") {
      inHand = [];
      for await (const item of from) {
        if (mine !== generation) return;
        if (random() < 0.1) break; // the handler failed
        inHand.push(item);
        if (env.commit === "explicit") continue;
        record(item);
        await item.commit();
      }
    }
  };
  const laneOf = (item: SubscriptionItem) => {
    if (!env.byKey) return "one line";
    const { epoch, seq } = (item.kind === "event" && item.position) || { epoch: 0, seq: 0 };
    return (logs.get(epoch) ?? server.events)[seq - 1]?.key;
  };
  /** Some handler is done: of the items in hand, any that is the first of its lane. */
  const finishOne = () => {
    const at = Math.floor(random() * inHand.length);
    const item = inHand[at];
    const before = inHand.slice(0, at);
    if (item === undefined || before.some((one) => one.kind === "gap" || laneOf(one) === laneOf(item)))
      return;
    if (item.kind === "gap" && at > 0) return;
    inHand.splice(at, 1);
    record(item);
    item.commit().catch((error: unknown) => bad.push(`commit failed: ${error}`));
  };
  const startClient = async () => {
    generation += 1;
    const mine = generation;
    inHand = [];
    // A process that died says nothing any more.
    connection.handlers.set(METHODS.unsubscribe, () => Promise.reject(new Error("gone")));
    connection = new FakeConnection();
    receiver = new FakeReceiver({ resequence: env.resequence });
    lists(connection, env.offers, env.byKey ? "key" : "subscription");
    server.serve(connection, receiver);
    const first = Math.floor(random() * env.offers.length);
    const preference = [...env.offers.slice(first), ...env.offers.slice(0, first)];
    client = createEventClient(connection, {
      clock,
      random,
      positions,
      transports: [receiver],
      heartbeatMs: 1_000,
      minPollMs: 100,
      backoff: { initialMs: 10, maxMs: 200 },
      maxBuffered: 3 + Math.floor(random() * 6),
      maxOpenAttempts: 1_000_000,
      maxUncommitted: 4,
    });
    let opened = false;
    const opening = client
      .subscribe("note.created", {}, { delivery: preference, commit: env.commit })
      .then((one) => {
        opened = true;
        start ??= Number(one.cursor?.split(":")[1]);
        subscription = one;
        handle(one, mine).catch((error: unknown) => bad.push(`failed: ${error}`));
      });
    for (let count = 0; !opened && count < 2_000; count += 1) await tick();
    if (!opened) bad.push("never opened");
    else await opening;
  };
  const tick = async () => {
    server.pump();
    if (env.commit === "explicit") for (let count = random() * 3; count > 1; count -= 1) finishOne();
    await clock.advance(20 + Math.floor(random() * 80));
  };

  for (let count = Math.floor(random() * 4); count > 0; count -= 1) server.emit();
  await startClient();
  for (let step = 0; step < 80 && bad.length === 0; step += 1) {
    const dice = random();
    if (dice < 0.3) server.emit();
    else if (dice < 0.33 && env.retention) server.truncate();
    else if (dice < 0.35 && env.restarts && server.epoch < 3) {
      logs.set(server.epoch, server.events);
      server.restart();
    } else if (dice < 0.39 && env.crashes) {
      generation += 1;
      void client?.close();
      await startClient();
    } else if (dice < 0.44) {
      const mode = env.offers[Math.floor(random() * env.offers.length)] as DeliveryMode;
      subscription?.switchTo(mode).catch(() => {});
    } else await tick();
  }

  // ---- heal: everything arrives
  server.faults = { cuts: false, frames: false };
  for (let step = 0; step < 150; step += 1) await tick();
  for (const one of server.events) {
    const due = one.inView && (server.epoch > 1 || one.seq > (start ?? 0));
    if (due && !covered(server.epoch, one.seq)) bad.push(`never arrived ${server.epoch}:${one.seq}`);
  }
  const isFilled = !env.frames || env.offers.includes("poll") || !env.offers.includes("push");
  const lossless = !env.retention && !env.restarts && isFilled && env.maxAttempts === undefined;
  if (lossless && gaps.length > 0) bad.push(`needless gap ${JSON.stringify(gaps[0])}`);
  generation += 1;
  await client?.close();
  await settle();
  const open = [clock.pending, connection.openStreams, receiver.openCallbacks];
  if (open.some((count) => count > 0)) {
    bad.push(`leaked ${open[0]} timers, ${open[1]} streams, ${open[2]} callbacks`);
  }
  return bad;
}
