import { ManualClock, settle } from "../../../ordering/src/testing/manual-clock";
import { createEventClient } from "../create-event-client";
import type { EventClient } from "../event-client";
import type { SubscriptionItem } from "../items";
import type { EventClientOptions } from "../options";
import type { SubscribeOptions } from "../subscribe-options";
import type { Subscription } from "../subscription";
import { FakeConnection } from "./fake-connection";
import { active, lists, show } from "./wire";

export interface Setup {
  readonly clock: ManualClock;
  readonly connection: FakeConnection;
  readonly client: EventClient;
  readonly warnings: string[];
}

/** A client on a scripted connection and a manual clock, without jitter. */
export function setUp(options: EventClientOptions = {}, delivery?: readonly string[]): Setup {
  const clock = new ManualClock();
  const connection = new FakeConnection();
  lists(connection, delivery);
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const logger = { debug() {}, info() {}, warn, error: warn };
  const client = createEventClient(connection, { clock, random: () => 1, logger, ...options });
  return { clock, connection, client, warnings };
}

/** Subscribes by push; the stream is active from `through`. */
export async function subscribePush(
  { client, connection }: Setup,
  through = 0,
  options: SubscribeOptions = {},
): Promise<Subscription> {
  const before = connection.onStream;
  connection.onStream = (stream) => {
    connection.onStream = before;
    stream.send(active(through));
  };
  return client.subscribe("note.created", {}, options);
}

/** Reads an iterator in the background, item by item. */
export class Reading {
  readonly items: SubscriptionItem<unknown>[] = [];
  readonly iterator: AsyncIterator<SubscriptionItem<unknown>>;
  error: unknown;
  done = false;

  constructor(source: AsyncIterable<SubscriptionItem<unknown>>) {
    this.iterator = source[Symbol.asyncIterator]();
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const next = await this.iterator.next();
        if (next.done) break;
        this.items.push(next.value);
      }
    } catch (error) {
      this.error = error;
    }
    this.done = true;
  }

  /** What came so far, as {@link show} writes it. */
  async shown(): Promise<(number | string)[]> {
    await settle();
    return this.items.map(show);
  }
}

/** The next `count` items of an iterator, as {@link show} writes them. */
export async function next(iterator: AsyncIterator<SubscriptionItem<unknown>>, count = 1) {
  const shown: (number | string)[] = [];
  for (let index = 0; index < count; index += 1) {
    const result = await iterator.next();
    if (result.done) break;
    shown.push(show(result.value));
  }
  return shown;
}
