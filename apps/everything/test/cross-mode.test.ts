import { merge, type Subscription } from "@mcp-events/client";
import { describe, expect, it } from "vitest";
import { connect, startApp } from "./support/app";
import { cuttingProxy } from "./support/cutting-proxy";
import { hookClient, receiverOf } from "./support/hook-client";
import { callTool, type Raw } from "./support/json-rpc";
import { LINES, WebhookApp } from "./support/webhook-app";

const NAME = "note.created";
const EVENTS = 6;
const MODES = ["poll", "push", "webhook"] as const;
type Mode = (typeof MODES)[number];

/** What a mode told of one event: its number and the cursor that stands after it. */
interface Told {
  readonly n: number;
  readonly cursor: string;
}

async function poll(app: WebhookApp, cursor: string, count: number): Promise<Told[]> {
  const told: Told[] = [];
  for (let from = cursor; told.length < count; ) {
    const page = await app.ok("events/poll", { name: NAME, cursor: from, maxEvents: 1 });
    from = page.cursor;
    told.push(...page.events.map(({ data }: Raw) => ({ n: data.n, cursor: from })));
  }
  return told;
}

async function push({ peer }: WebhookApp, cursor: string, count: number): Promise<Told[]> {
  const stream = await peer.stream({ name: NAME, cursor });
  const events = await stream.events(count);
  await stream.cancel();
  return events.map((event) => ({ n: event.data.n, cursor: event.cursor }));
}

async function webhook(app: WebhookApp, cursor: string, count: number): Promise<Told[]> {
  await app.unsubscribe({ name: NAME });
  await app.subscribe({ name: NAME, cursor });
  const told: Told[] = [];
  while (told.length < count) {
    const { body } = await app.hook.next();
    told.push({ n: body.data.n, cursor: body.cursor });
  }
  await app.unsubscribe({ name: NAME });
  return told;
}

const READ: Record<Mode, (app: WebhookApp, cursor: string, count: number) => Promise<Told[]>> = {
  poll,
  push,
  webhook,
};

const all = Array.from({ length: EVENTS }, (_, index) => index + 1);

describe.each(LINES)("ORD-4: every mode from every mode's cursor, sdk $sdk", (pairing) => {
  it.each(MODES)("what %s tells can be gone on from in every mode, at every position", async (mode) => {
    const app = await WebhookApp.start(pairing);
    const { cursor } = await app.ok("events/poll", { name: NAME });
    await app.emit(EVENTS, { name: NAME, data: { id: "1", author: "ann", text: "hi" } });
    const told = await READ[mode](app, cursor, EVENTS);
    expect(told.map(({ n }) => n)).toEqual(all);
    for (const [index, { cursor: after }] of told.entries()) {
      const rest = all.slice(index + 1);
      for (const other of MODES) {
        const next = await READ[other](app, after, rest.length);
        expect(
          next.map(({ n }) => n),
          `${other} from ${mode} at ${index + 1}`,
        ).toEqual(rest);
      }
    }
  });
});

/** Types of one log; the filter of the last answers late, and each time after another wait. */
const TYPES = ["note.created", "secret.created", "slow.created"] as const;
const NOTE = { id: "1", author: "ann", text: "hi" };
const ROUNDS = 12;

/** The modes of the three subscriptions. */
const MIXTURES: readonly (readonly Mode[])[] = [
  ["push", "push", "push"],
  ["poll", "poll", "poll"],
  ["webhook", "webhook", "webhook"],
  ["push", "poll", "webhook"],
  ["webhook", "push", "poll"],
  ["poll", "webhook", "push"],
];

/** An app, subscriptions to the three types in the given modes, and how their connections are cut. */
async function subscribed(sdk: "v1" | "v2", modes: readonly Mode[]) {
  const app = await startApp({ sdk, allowLoopbackWebhooks: true });
  const { url, cut } = await cuttingProxy(app.url);
  const line = sdk === "v1" ? "v1" : "v2-modern";
  const { events } = await hookClient(line, { url, token: "alice-token" }, await receiverOf());
  const subscriptions: Subscription[] = [];
  for (const [index, name] of TYPES.entries()) {
    const [delivery] = modes.slice(index);
    subscriptions.push(await events.subscribe(name, {}, { delivery, fallback: false }));
  }
  const peer = await connect(app.url, { dialect: "stateless", token: "alice-token" });
  const emit = async (name: string, data: object): Promise<number> => {
    const { positions } = await callTool(peer, "emit", { name, data });
    return positions[0].seq;
  };
  return { subscriptions, emit, cut };
}

describe.each(["v1", "v2"] as const)("ORD-5 ORD-4: three event types in one line, sdk %s", (sdk) => {
  it.each(MIXTURES)("by %s, %s and %s, with cuts: it is the log", { timeout: 30_000 }, async (...modes) => {
    const { subscriptions, emit, cut } = await subscribed(sdk, modes);
    const line = merge(subscriptions, { mergeWaitMs: 50 })[Symbol.asyncIterator]();
    const log: unknown[] = [];
    const read: unknown[] = [];
    const reading = (async () => {
      while (read.length < ROUNDS * TYPES.length) {
        const { value } = await line.next();
        read.push(value?.kind === "event" ? [value.position?.seq, value.name] : value);
      }
    })();
    for (let round = 0; round < ROUNDS; round += 1) {
      const types = round % 2 === 0 ? TYPES : TYPES.toReversed();
      for (const name of types) log.push([await emit(name, NOTE), name]);
      if (round % 4 === 1) cut();
    }
    await reading;
    expect(read).toEqual(log);
  });
});
