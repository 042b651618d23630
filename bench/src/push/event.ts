import { defineEvent } from "@mcp-events/protocol";
import * as z from "zod";

const payload = z.object({ n: z.number(), sentAt: z.number(), text: z.string() });

/** The payload of every event that is pushed. */
export type Payload = z.output<typeof payload>;

/** What is pushed on every path: an occurrence of about 350 bytes before cursor and `_meta`. */
export const measured = defineEvent("note.created", {
  description: "An event with a number, a time and a text",
  inputSchema: z.object({}),
  payloadSchema: payload,
});

const TEXT = "x".repeat(200);

export function payloadOf(n: number): Payload {
  return { n, sentAt: now(), text: TEXT };
}

/** Milliseconds on a clock that all processes of the machine share. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What the server is told to send. */
export interface Order {
  readonly count: number;
  /** Absent: as fast as it goes. */
  readonly perSecond?: number | undefined;
}
