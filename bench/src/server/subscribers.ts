import { defineEvent, NOTIFICATIONS } from "@mcp-events/protocol";
import { createEventServer, type EventHandle } from "@mcp-events/server";
import * as z from "zod";
import { MemoryHost, type OpenStream } from "./memory-host";

const NAME = "note.created";
const MANY = 100_000;

const noteCreated = defineEvent(NAME, {
  description: "A note",
  inputSchema: z.object({ least: z.number() }),
  payloadSchema: z.object({ id: z.number(), text: z.string() }),
});

export type Note = { id: number; text: string };

/** An event server with as many push subscriptions as wanted, whose channels count. */
export class Subscribers {
  readonly handle: EventHandle<Note>;
  delivered = 0;
  evaluated = 0;
  readonly #host = new MemoryHost();
  readonly #events = createEventServer({
    limits: { subscriptions: MANY, subscriptionsPerPrincipal: MANY, anonymousSubscriptions: MANY },
  });
  readonly #streams: OpenStream[] = [];
  #active = 0;

  constructor() {
    this.handle = this.#events.register(noteCreated, {
      match: ({ id }, { least }) => {
        this.evaluated += 1;
        return id > least;
      },
    });
    this.#events.bind(this.#host);
  }

  /** Opens `count` streams of `argumentSets` distinct arguments; resolves when all are active. */
  async open(count: number, argumentSets: number): Promise<void> {
    const wanted = this.#active + count;
    for (let index = 0; index < count; index += 1) {
      const params = { name: NAME, arguments: { least: -(index % argumentSets) } };
      const stream = this.#host.stream(params, (messages) => {
        for (const { method } of messages) {
          if (method === NOTIFICATIONS.event) this.delivered += 1;
          else if (method === NOTIFICATIONS.active) this.#active += 1;
        }
      });
      stream.result.catch(() => {});
      this.#streams.push(stream);
    }
    while (this.#active < wanted) await turn();
    // One more: by now every stream waits for the log.
    await turn();
  }

  /** Polls once for each of `count` principals, all with the same arguments. */
  async poll(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const params = { name: NAME, arguments: { least: 0 } };
      await this.#host.request("events/poll", params, `principal-${index}`);
    }
  }

  get leases(): number {
    return this.#events.stats().subscriptions.poll;
  }

  /** Resolves when `count` events were delivered in all. */
  async until(count: number): Promise<void> {
    while (this.delivered < count) await turn();
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.end();
    await Promise.allSettled(this.#streams.map(({ result }) => result));
    await this.#events.close();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
