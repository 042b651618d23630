import { describe, expect, it } from "vitest";
import type { Raw } from "./support/json-rpc";
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
