import type { StoredPosition } from "@mcp-events/ordering";
import type { Guarantee } from "@mcp-events/protocol";
import { act, randomOf } from "../../../../ordering/src/consumer/testing/random";
import { settle } from "../../../../ordering/src/testing/manual-clock";
import { type OrderedHandler, orderedHandler } from "../ordered-handler";
import type { OrderedItem } from "../ordered-item";
import { manualClock } from "./deliveries";
import { type Attempt, type ModelEvent, ModelSender } from "./model-sender";

/** One environment of the model. */
export interface OrderedEnvironment {
  readonly guarantee: Guarantee;
  /** Deliveries in flight; 0 = strict FIFO. */
  readonly window: number;
  /** Whether the sender gives events up. */
  readonly givesUp: boolean;
  /** Whether positions are stored, and the receiver is restarted. */
  readonly restarts: boolean;
}

interface Effect {
  readonly seq: number;
  readonly gap: boolean;
}

const START = 7;
const CHAOS_STEPS = 250;
const HEALING_STEPS = 4_000;

/**
 * The ordered handler under a channel that loses, repeats and reorders, a handler and a store that fail, and restarts. The
 * handler's effects stand in one transaction with the position, as a crash leaves them. Returns what was violated.
 */
export async function runOrderedModel(seed: number, env: OrderedEnvironment): Promise<string[]> {
  const random = randomOf(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const events: ModelEvent[] = [];
  for (let seq = START, count = 1 + pick(14); count > 0; count -= 1) {
    seq += 1 + pick(3);
    events.push({ seq, key: "abc"[pick(3)] as string });
  }
  const bad: string[] = [];
  const clock = manualClock();
  const sender = new ModelSender(events, START, env);
  let healing = false;
  let effects: Effect[] = [];
  let stored: StoredPosition | undefined;
  let life = 0;
  let requests: Attempt[] = [];
  let answers: { attempt: Attempt; accepted: boolean }[] = [];

  const turns = async () => {
    for (let count = pick(4); count > 0; count -= 1) await settle();
  };
  const start = (): OrderedHandler => {
    const mine = life;
    const handle = async (item: OrderedItem) => {
      await turns();
      if (!healing && random() < 0.1) throw new Error("not now");
      if (mine === life) record(item);
    };
    const set = async (_: string, position: StoredPosition) => {
      await turns();
      if (!healing && random() < 0.1) throw new Error("the disk is full");
      if (mine === life) stored = JSON.parse(JSON.stringify(position));
    };
    const positions = env.restarts ? { get: () => stored, set, delete: () => {} } : undefined;
    return orderedHandler({ handle, positions, key: "k", guarantee: env.guarantee, holdMs: 2_000, clock });
  };
  const record = (item: OrderedItem) => {
    if (item.kind === "event" && item.event?.eventId === `e${item.position?.seq}`) {
      effects.push({ seq: item.position?.seq ?? -1, gap: false });
    } else if (item.kind === "gap" && item.reason === "given_up")
      effects.push({ seq: item.to?.seq ?? -1, gap: true });
    else bad.push(`unexpected ${JSON.stringify(item)}`);
  };
  let handler = start();

  const deliver = (attempt: Attempt) => {
    const mine = life;
    void handler.take(attempt.body).then((outcome) => {
      if (mine === life) answers.push({ attempt, accepted: outcome === "accepted" });
    });
  };
  const isKept = ({ seq }: Effect) => {
    const state = stored?.state;
    if (state === undefined) return false;
    return seq <= state.through || state.ahead.some(([after, through]) => after < seq && seq <= through);
  };
  const crash = () => {
    life += 1;
    effects = effects.filter(isKept);
    handler = start();
  };
  const takeOut = <T>(from: T[]): T => from.splice(pick(from.length), 1)[0] as T;

  const steps = CHAOS_STEPS + HEALING_STEPS;
  for (let step = 0; step < steps && !(healing && sender.done); step += 1) {
    healing = step >= CHAOS_STEPS;
    const ready = sender.ready();
    const faults = healing ? 0 : 1;
    act(random, [
      [() => requests.push(sender.post(ready[pick(ready.length)]!)), ready.length > 0 ? 4 : 0],
      [() => deliver(takeOut(requests)), requests.length > 0 ? 4 : 0],
      [() => deliver(requests[pick(requests.length)]!), requests.length > 0 ? faults : 0],
      [
        () => {
          const { attempt, accepted } = takeOut(answers);
          sender.answer(attempt, accepted, env.givesUp && !healing);
        },
        answers.length > 0 ? 4 : 0,
      ],
      [() => void takeOut(answers), answers.length > 0 ? faults : 0],
      // An attempt whose time is over, wherever it is: what is under way may still arrive.
      [() => timeOut(), healing ? 0.3 : 0.6],
      [crash, env.restarts ? 0.2 * faults : 0],
    ]);
    if (random() < 0.3) await clock.advance(pick(1_500));
    else await settle();
  }
  function timeOut() {
    const flying = sender.queue.filter(({ state }) => state === "flying");
    const outgoing = flying[pick(flying.length)];
    if (outgoing === undefined) return;
    sender.answer({ outgoing, number: outgoing.attempt, body: {} }, false, env.givesUp && !healing);
    if (random() < 0.5) requests = requests.filter((one) => one.outgoing !== outgoing);
    if (random() < 0.5) answers = answers.filter(({ attempt }) => attempt.outgoing !== outgoing);
  }

  if (!sender.done) bad.push("never accepted");
  for (const lane of env.guarantee === "key" ? ["a", "b", "c"] : [undefined]) {
    const mine = ({ key }: ModelEvent) => lane === undefined || key === lane;
    const wanted = events.filter(mine).map(({ seq }) => seq);
    const got = effects
      .map(({ seq }) => seq)
      .filter((seq) => events.some((one) => one.seq === seq && mine(one)));
    if (JSON.stringify(got) !== JSON.stringify(wanted))
      bad.push(`${lane ?? "all"}: ${got} instead of ${wanted}`);
  }
  if (effects.length !== events.length) bad.push(`${effects.length} effects of ${events.length} events`);
  if (!env.givesUp && effects.some(({ gap }) => gap)) bad.push("a gap that nobody sent");
  return bad;
}
