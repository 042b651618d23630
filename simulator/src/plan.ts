import type { DeliveryMode, ResequenceOffer } from "@mcp-events/protocol";
import { Random } from "./kernel/random";
import { CALM, type Rates } from "./kernel/world";

/** One event to emit. */
export interface EmitPlan {
  readonly at: number;
  /** Index of the event type. */
  readonly type: number;
  readonly tag: number;
  readonly key: number | undefined;
  /** Only for the subscriptions of one principal. */
  readonly to: string | undefined;
}

/** What goes wrong at once, at a time of its own. */
export type DisasterKind =
  | "server crash"
  | "hand-over"
  | "client crash"
  | "partition"
  | "silence"
  | "stall"
  | "cut"
  | "retention"
  | "server clock"
  | "client clock"
  | "mode"
  | "secret";

/** One disaster. */
export interface Disaster {
  readonly at: number;
  readonly kind: DisasterKind;
  /** Index of the client it concerns. */
  readonly client: number;
  readonly ms: number;
}

/** One client. */
export interface ClientPlan {
  readonly name: string;
  readonly principal: string;
  readonly carrier: "http" | "stdio";
  /** In order of preference. */
  readonly modes: readonly DeliveryMode[];
  /** Indexes of the event types; more than one are merged. */
  readonly types: readonly number[];
  readonly tags: readonly number[] | undefined;
  readonly commit: "auto" | "explicit";
  readonly keepsPositions: boolean;
  readonly resequence: ResequenceOffer | undefined;
  readonly maxBuffered: number;
  readonly longPollMs: number;
  /** Not our client: a receiver of webhooks that knows nothing of the contract and hands out on arrival. */
  readonly isPlain: boolean;
}

/** Everything one run does beside chance; drawn from its seed, and made smaller for a minimal trace. */
export interface Plan {
  readonly seed: number;
  readonly durationMs: number;
  /** The log outlives the server. */
  readonly durable: boolean;
  /** The store answers later. */
  readonly slowStore: boolean;
  readonly byKey: boolean;
  /** The types can be polled, too, so that what is missing can be asked for. */
  readonly polls: boolean;
  readonly slowMatch: boolean;
  readonly maxAttempts: number;
  readonly onExhausted: "skip" | "suspend";
  readonly rates: Rates;
  readonly emits: readonly EmitPlan[];
  readonly disasters: readonly Disaster[];
  readonly clients: readonly ClientPlan[];
}

const DISASTERS: readonly DisasterKind[] = [
  "server crash",
  "hand-over",
  "client crash",
  "partition",
  "silence",
  "stall",
  "cut",
  "retention",
  "server clock",
  "client clock",
  "mode",
  "secret",
];

/** Most that a rate is drawn as (loss 0–30 %, duplication 0–50 %, …). */
const MOST: Rates = {
  requestLost: 0.3,
  answerLost: 0.3,
  delayed: 0.3,
  streamCut: 0.1,
  postLost: 0.3,
  postDuplicated: 0.5,
  postLate: 0.2,
  postAnswerLost: 0.3,
  answers503: 0.2,
  answers500: 0.2,
  answers413: 0.05,
  positionNotStored: 0.2,
  appendFailed: 0.1,
  storeFailed: 0.1,
  matchFailed: 0.3,
  handlerFailed: 0.15,
};

/** Draws what a run does. Each kind of fault is absent from about half of the runs, so that few hide many. */
export function drawPlan(seed: number): Plan {
  const random = new Random(seed).fork("plan");
  const durationMs = random.between(1_500, 6_000);
  const byKey = random.chance(0.5);
  const polls = random.chance(0.7);
  const clients = drawClients(random, byKey, polls);
  const durable = random.chance(0.5);
  const plan: Plan = {
    seed,
    durationMs,
    durable,
    slowStore: random.chance(0.5),
    byKey,
    polls,
    slowMatch: random.chance(0.4),
    maxAttempts: random.pick([3, 6, 50]),
    onExhausted: random.chance(0.8) ? "skip" : "suspend",
    rates: drawRates(random),
    emits: drawEmits(random, durationMs, clients),
    disasters: drawDisasters(random, durationMs, clients.length, durable),
    clients,
  };
  return clients.some((one) => one.isPlain) ? asPlainReceiversNeed(plan) : plan;
}

/** What a plain receiver cannot know of is left out: a log that begins anew, retention, posts after their time limit. */
export function asPlainReceiversNeed(plan: Plan): Plan {
  const disasters = plan.disasters.filter(({ kind }) => kind !== "retention" && !kind.endsWith("clock"));
  return { ...plan, durable: true, disasters, rates: { ...plan.rates, postLate: 0 } };
}

function drawRates(random: Random): Rates {
  const rates: Record<string, number> = { ...CALM };
  for (const [name, most] of Object.entries(MOST)) {
    if (random.chance(0.45)) rates[name] = random.next() * most;
  }
  return rates as unknown as Rates;
}

function drawEmits(random: Random, durationMs: number, clients: readonly ClientPlan[]): EmitPlan[] {
  const emits: EmitPlan[] = [];
  const wanted = random.between(8, 45);
  while (emits.length < wanted) {
    const at = random.below(durationMs);
    const burst = random.chance(0.15) ? random.between(2, 8) : 1;
    for (let count = 0; count < burst; count += 1) {
      emits.push({
        at,
        type: random.chance(0.6) ? 0 : random.between(1, 2),
        tag: random.below(4),
        key: random.chance(0.85) ? random.below(3) : undefined,
        to: random.chance(0.08) ? random.pick(clients).principal : undefined,
      });
    }
  }
  return emits.sort((a, b) => a.at - b.at);
}

function drawDisasters(random: Random, durationMs: number, clients: number, durable: boolean): Disaster[] {
  const allowed = DISASTERS.filter((kind) => random.chance(0.5) && (durable || kind !== "hand-over"));
  if (allowed.length === 0) return [];
  const disasters: Disaster[] = [];
  for (let count = random.between(0, 7); count > 0; count -= 1) {
    disasters.push({
      at: random.below(durationMs),
      kind: random.pick(allowed),
      client: random.below(clients),
      ms: random.between(20, 1_200),
    });
  }
  return disasters.sort((a, b) => a.at - b.at);
}

const MODES: readonly (readonly DeliveryMode[])[] = [
  ["push"],
  ["poll"],
  ["webhook"],
  ["webhook"],
  ["push", "poll"],
  ["webhook", "poll"],
  ["push", "poll", "webhook"],
];

function drawClients(random: Random, byKey: boolean, polls: boolean): ClientPlan[] {
  const count = random.pick([1, 1, 2, 3]);
  return Array.from({ length: count }, (_, index) => drawClient(random, `client${index}`, byKey, polls));
}

function drawClient(random: Random, name: string, byKey: boolean, polls: boolean): ClientPlan {
  const isPlain = random.chance(0.12);
  const merges = !isPlain && random.chance(0.2);
  const drawn = isPlain ? (["webhook"] as const) : random.pick(MODES);
  const possible = drawn.filter((mode) => polls || mode !== "poll");
  const modes = possible.length > 0 ? possible : (["push"] as const);
  const first = random.below(modes.length);
  return {
    name,
    principal: random.pick(["alice", "bob"]),
    carrier: random.chance(0.3) ? "stdio" : "http",
    modes: [...modes.slice(first), ...modes.slice(0, first)],
    // A line that is ordered by key has no place in one that is ordered as the log is.
    types: merges ? (byKey || random.chance(0.5) ? [1, 2] : [0, 1, 2]) : [0],
    tags: random.chance(0.5) ? [0, 1, 2] : undefined,
    commit: random.chance(0.5) ? "auto" : "explicit",
    keepsPositions: random.chance(0.75),
    resequence: isPlain || random.chance(0.4) ? undefined : { window: random.between(2, 8), holdMs: 120 },
    maxBuffered: random.between(2, 12),
    longPollMs: random.chance(0.3) ? 300 : 0,
    isPlain,
  };
}
