import { Resequencer } from "@mcp-events/ordering";
import { defineEvent, type Message, NOTIFICATIONS, readOrderingMark } from "@mcp-events/protocol";
import { createEventServer } from "@mcp-events/server";
import * as z from "zod";
import { type Bench, perSecond } from "../harness";
import { MemoryHost } from "./memory-host";

const wrote = defineEvent("note.created", {
  description: "A note",
  payloadSchema: z.object({ n: z.number(), text: z.string() }),
});

interface Flow {
  readonly events: number;
  /** Characters of each payload. */
  readonly size: number;
  /** Ordering keys that the events are spread over; 1: the type has none. */
  readonly keys: number;
  take(message: Message): void;
}

/** Emits to one push subscription; resolves with the events a second once all were taken. */
async function flow({ events: count, size, keys, take }: Flow): Promise<number> {
  const host = new MemoryHost();
  const events = createEventServer();
  const handle = events.register(wrote, keys > 1 ? { orderingKey: ({ n }) => String(n % keys) } : {});
  events.bind(host);
  let told = 0;
  let isActive = () => {};
  const active = new Promise<void>((resolve) => {
    isActive = resolve;
  });
  const stream = host.stream({ name: wrote.name }, (messages) => {
    for (const message of messages) {
      if (message.method === NOTIFICATIONS.active) isActive();
      if (message.method !== NOTIFICATIONS.event) continue;
      told += 1;
      take(message);
    }
  });
  stream.result.catch(() => {});
  await active;
  const text = "x".repeat(size);
  const startedAt = performance.now();
  for (let n = 1; n <= count; n += 1) await handle.emit({ n, text });
  while (told < count) await new Promise((resolve) => setImmediate(resolve));
  const figure = perSecond(count, startedAt);
  stream.end();
  await events.close();
  return figure;
}

const PAYLOADS = [100, 1_000, 8_000, 64_000];
const BYTES = 64_000_000;

/** How the cost of a byte changes with the size of payloads: emit, check, keep, read and encode. */
export const payloadGrowth: Bench = {
  name: "one push subscription: growth with the size of payloads",
  unit: "MB/s",
  note: "each message is encoded as JSON; larger payloads carry less that is not payload",
  growth: { of: "bytes of payload", at: PAYLOADS },
  variants: Object.fromEntries(
    PAYLOADS.map((size) => [
      `${size} bytes`,
      async () => {
        const events = Math.min(20_000, Math.floor(BYTES / size));
        let encoded = 0;
        const take = (message: Message) => {
          encoded += JSON.stringify(message).length;
        };
        const rate = await flow({ events, size, keys: 1, take });
        if (encoded < events * size) throw new Error(`${encoded} characters were encoded`);
        return (rate * size) / 1e6;
      },
    ]),
  ),
};

const KEYS = [1, 10, 100, 1_000, 10_000];
const EVENTS = 20_000;

/** How the cost of an event changes with the number of ordering keys: view, stream, and the consumer that commits. */
export const keyGrowth: Bench = {
  name: "one push subscription and its consumer: growth with the number of ordering keys",
  unit: "events/s",
  growth: { of: "ordering keys", at: KEYS },
  variants: Object.fromEntries(
    KEYS.map((keys) => [
      `${keys} keys`,
      async () => {
        const consumer = new Resequencer<Message>({ guarantee: keys > 1 ? "key" : "subscription" });
        let committed = 0;
        const take = (message: Message) => {
          const mark = readOrderingMark(message.params._meta)!;
          consumer.offer({ mark, item: message });
          for (let release = consumer.take(); release !== undefined; release = consumer.take()) {
            consumer.commit(release);
            committed += 1;
          }
        };
        const rate = await flow({ events: EVENTS, size: 300, keys, take });
        if (committed !== EVENTS) throw new Error(`${committed} of ${EVENTS} events were committed`);
        return rate;
      },
    ]),
  ),
};
