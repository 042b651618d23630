import { defineEvent, type JsonObject } from "@mcp-events/protocol";
import * as z from "zod";
import { ManualClock, settle } from "../../../ordering/src/testing/manual-clock";
import { createEventServer } from "../create-event-server";
import type { EventServerOptions } from "../options";
import { FakeHost } from "./fake-host";

/** A server on a manual clock with one fake host. */
export function setup(options: EventServerOptions = {}, clock = new ManualClock()) {
  const host = new FakeHost();
  const logged: { level: string; message: string; fields?: unknown }[] = [];
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    logged.push({ level, message, fields });
  };
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const events = createEventServer({ clock, logger, ...options });
  events.bind(host);
  return { events, host, clock, logged };
}

/** An event type with a filter and an ordering key. */
export const note = defineEvent("note.created", {
  description: "A note was made",
  inputSchema: z.object({ author: z.string().optional() }),
  payloadSchema: z.object({ author: z.string(), n: z.int() }),
});

/** Options that go with {@link note}. */
export const noteOptions = {
  match: (data: { author: string }, args: { author?: string | undefined }) =>
    args.author === undefined || data.author === args.author,
};

/** A plain event type. */
export function plain(name = "thing.happened") {
  return defineEvent(name, { description: name, payloadSchema: z.looseObject({}) });
}

/** Numbers told of, in order. */
export function numbers(told: { data: JsonObject }[]): unknown[] {
  return told.map(({ data }) => data.n);
}

/** Lets streams run: they yield to the event loop after each write. */
export async function turns(count = 6): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await settle();
}

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return promise.then(
    (value) => {
      throw new Error(`expected an error, got ${JSON.stringify(value)}`);
    },
    (error) => error,
  );
}
