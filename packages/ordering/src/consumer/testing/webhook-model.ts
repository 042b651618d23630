import type { Guarantee } from "@mcp-events/protocol";
import type { Release } from "../release";
import { Resequencer } from "../resequencer";
import { type Action, act, randomOf } from "./random";
import {
  type Delivery,
  keyMark,
  type ModelEvent,
  type ModelLog,
  type ModelOwners,
  type ModelSender,
  modelOwners,
  type SenderOptions,
} from "./webhook-sender";

/** One environment of the webhook model; probabilities are weights of actions. */
export interface WebhookEnvironment {
  readonly guarantee: Guarantee;
  /** Deliveries in flight; 0 = strict FIFO. */
  readonly window: number;
  readonly stores: boolean;
  readonly recovers: boolean;
  readonly restarts: number;
  readonly failOver: number;
  /** Weight of going over to a stream for a while. */
  readonly changes: number;
  /** Old owners go on for long and nothing they post arrives. */
  readonly cut: boolean;
}

interface Effect {
  readonly epoch: number;
  readonly seq?: number;
  readonly key?: string;
  readonly gap?: readonly [number, number];
  readonly life: number;
}

type Item = { readonly seq: number; readonly key: string };
type Wire =
  | { readonly to: "receiver"; readonly delivery: Delivery }
  | { readonly to: "sender"; readonly delivery: Delivery; readonly code: number };

/**
 * The webhook path of the ordering contract: log, owners that fail over, a channel that loses, repeats and reorders, and
 * the real consumer as the receiver. Returns what was violated.
 */
export function runWebhookModel(
  seed: number,
  env: WebhookEnvironment,
  ownersOf: (options: SenderOptions) => ModelOwners = modelOwners,
): string[] {
  const random = randomOf(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const byKey = env.guarantee === "key";
  const bad: string[] = [];
  const logs: ModelLog[] = [];
  const began: Record<number, number> = {};
  let healing = false;
  let log: ModelLog;
  let sender: ModelSender;
  let old: ModelSender[] = [];
  let net: Wire[] = [];

  const emit = () => {
    const tooLarge = random() < 0.08;
    log.events.push({
      seq: log.events.length + 1,
      key: "abcd"[pick(4)] as string,
      inView: random() < 0.8,
      tooLarge,
    });
  };
  const owners = ownersOf({ window: env.window, byKey, tries: 4, random });
  const newLog = () => {
    log = { epoch: logs.length + 1, events: [] };
    logs.push(log);
    for (let count = pick(4); count > 0; count -= 1) emit();
    const at = log.events.length;
    owners.begin(log, at);
    began[log.epoch] = at;
    sender = owners.takeOver();
  };
  newLog();

  // ---- the receiver
  let life = 0;
  let amnesia = false;
  let stored: ReturnType<typeof save> | undefined;
  const options = { guarantee: env.guarantee, stores: env.stores, holdMs: 0 };
  let consumer = new Resequencer<Item>(options);
  let inHand: Release<Item>[] = [];
  const effects: Effect[] = [];
  const save = () => JSON.parse(JSON.stringify({ state: consumer.committed }));
  const keep = () => {
    if (env.stores && consumer.committed !== undefined) stored = save();
  };

  const receive = (delivery: Delivery) => {
    const answer = (code: number) => net.push({ to: "sender", delivery, code });
    if (delivery.tooLarge && !delivery.gap) return answer(413);
    consumer.offer({
      mark: delivery.mark,
      item: delivery.item,
      ...(delivery.gap && { gap: "given_up" as const }),
      onOutcome: (outcome) => answer(outcome === "committed" ? 200 : 503),
    });
    return undefined;
  };
  const refresh = () => {
    consumer.settled({ log: "events", epoch: log.epoch, through: owners.watermark() });
    if (random() < 0.5) keep();
  };
  const laneOf = (release: Release<Item>) => {
    if (!byKey) return "";
    if (release.kind === "event") return release.item.key;
    return release.reason === "given_up" ? logs[release.epoch - 1]?.events[release.to - 1]?.key : undefined;
  };
  const handle = () => {
    const at = pick(inHand.length);
    const release = inHand[at] as Release<Item>;
    const lane = laneOf(release);
    const clash = (other: Release<Item>) =>
      lane === undefined || laneOf(other) === lane || laneOf(other) === undefined;
    if (inHand.slice(0, at).some(clash)) return;
    if (release.kind === "event" && !healing && random() < 0.05) {
      inHand = inHand.filter((other) => byKey && laneOf(other) !== lane);
      consumer.fail(release);
      return;
    }
    inHand.splice(at, 1);
    record(release);
    consumer.commit(release);
    keep();
  };
  const covered = (epoch: number, seq: number) =>
    effects.some(
      (effect) =>
        effect.epoch === epoch &&
        (effect.seq === seq || (effect.gap !== undefined && effect.gap[0] < seq && seq <= effect.gap[1])),
    );
  const record = (release: Release<Item>) => {
    const { epoch } = release;
    if (release.kind === "gap") {
      const from = release.from ?? release.to;
      if (release.from === undefined) {
        for (let lost = 1; lost < epoch; lost += 1) effects.push({ epoch: lost, gap: [0, 1e9], life });
      }
      effects.push({ epoch, gap: [from, release.to], life });
      return;
    }
    const { seq, item } = release;
    const mine = effects.filter((effect) => effect.epoch === epoch && effect.seq !== undefined);
    const later = (effect: Effect) =>
      (effect.seq as number) > seq && effect.life === life && (!byKey || effect.key === item.key);
    if (mine.some((effect) => effect.seq === seq)) {
      if (!amnesia) bad.push(`duplicate ${epoch}:${seq}`);
    } else if (mine.some(later)) bad.push(`order ${epoch}:${seq}`);
    const skipped = ((logs[epoch - 1] as ModelLog).events as ModelEvent[]).find(
      (event) =>
        event.inView &&
        event.seq < seq &&
        event.seq > (began[epoch] as number) &&
        (!byKey || event.key === item.key) &&
        !covered(epoch, event.seq),
    );
    if (skipped !== undefined) bad.push(`silent ${epoch}:${skipped.seq} before ${seq}`);
    effects.push({ epoch, seq, key: item.key, life });
  };
  const crash = () => {
    inHand = [];
    net = net.filter(({ to }) => to !== "sender" || random() < 0.5);
    if (env.stores && stored !== undefined) consumer = new Resequencer({ ...options, ...stored });
    else {
      consumer = new Resequencer(options);
      amnesia = true;
      life += 1;
    }
  };
  /** What the view has after a number, as a stream or a poll tells it. */
  const after = (from: number) => {
    const seen = log.events.filter(({ seq, inView }) => seq > from && inView);
    return seen.map(({ seq, key }, index) => ({
      mark: {
        log: "events",
        epoch: log.epoch,
        seq,
        prev: seen[index - 1]?.seq ?? from,
        ...keyMark(key, from),
      },
      item: { seq, key },
    }));
  };
  const knows = (place: { readonly epoch: number } | undefined) => place?.epoch === log.epoch;
  const recover = () => {
    const at = random() < 0.5 ? consumer.released : undefined;
    const from = at?.seq ?? consumer.committed?.through;
    if (from === undefined || !knows(consumer.released) || !knows(consumer.committed)) return;
    const position = { log: "events", epoch: log.epoch, through: log.events.length };
    consumer.answer({ truncated: false, position, events: after(from) });
  };
  /** Goes over to a stream from the cursor, which ends somewhere, and back to webhooks. */
  const change = () => {
    const from = consumer.released?.seq;
    if (from === undefined || !knows(consumer.released)) return;
    consumer.channel({ releaseAhead: false, holdMs: 0 });
    const events = after(from);
    for (const arrival of events.slice(0, pick(events.length + 1))) {
      if (consumer.offer(arrival) === "held") bad.push(`held ${arrival.item.seq} of a stream`);
    }
    if (consumer.missing !== undefined) bad.push("missing in a stream");
    consumer.channel({ releaseAhead: true, holdMs: 0 });
  };
  const holdOver = () => {
    if (env.recovers && random() < 0.7) recover();
    else if (!env.recovers || random() < 0.1) consumer.refuseHeld(Number.POSITIVE_INFINITY);
  };

  // ---- the schedule
  const step = () => {
    const actions: Action[] = [];
    for (const one of [sender, ...old]) {
      if (one.dead) continue;
      one.fill();
      for (const outgoing of one.ready()) {
        actions.push([
          () => {
            const delivery = one.post(outgoing);
            if (!(env.cut && old.includes(one))) net.push({ to: "receiver", delivery });
          },
          4,
        ]);
      }
      for (const outgoing of one.queue) {
        if (outgoing.state !== "flying") continue;
        const underWay = net.some(({ delivery }) => delivery.attempt === outgoing.attempt);
        const held = consumer.missing !== undefined || inHand.length > 0 || consumer.waiting > 0;
        const weight = healing ? (underWay || held ? 0 : 1) : 0.3;
        actions.push([() => one.answer(outgoing, outgoing.attempt, 0, healing), weight]);
      }
    }
    for (const [at, wire] of net.entries()) {
      actions.push([
        () => {
          net.splice(at, 1);
          if (wire.to === "receiver") receive(wire.delivery);
          else wire.delivery.sender.answer(wire.delivery.outgoing, wire.delivery.attempt, wire.code, healing);
        },
        3,
      ]);
      if (healing) continue;
      actions.push([() => net.splice(at, 1), 0.3]);
      if (wire.to === "receiver") actions.push([() => net.push(wire), 0.2]);
    }
    if (consumer.waiting > 0) actions.push([() => inHand.push(consumer.take() as Release<Item>), 4]);
    if (inHand.length > 0) actions.push([handle, 3]);
    if (consumer.missing !== undefined) actions.push([holdOver, 0.5]);
    if (!healing) {
      if (log.events.length < 14) actions.push([emit, 2]);
      actions.push([refresh, 0.15], [crash, 0.06], [change, env.changes]);
      actions.push([
        () => {
          if (random() < 0.5) old.push(sender);
          sender = owners.takeOver();
        },
        env.failOver,
      ]);
      if (old.length > 0) actions.push([() => old.shift(), env.cut ? 0.05 : 0.2]);
      if (env.restarts > 0 && logs.length < 3) {
        actions.push([
          () => {
            old = [];
            newLog();
          },
          env.restarts,
        ]);
      }
    }
    return act(random, actions);
  };

  for (let count = 0; count < 220; count += 1) step();
  healing = true;
  old = [];
  let steps = 0;
  while (steps < 3_000 && step()) steps += 1;
  const left = log!.events.find(
    ({ seq, inView }) => inView && seq > (began[log.epoch] as number) && !covered(log.epoch, seq),
  );
  if (left !== undefined && bad.length === 0)
    bad.push(`${steps >= 3_000 ? "stuck" : "silent tail"} ${left.seq}`);
  return bad;
}
