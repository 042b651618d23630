import { defineEvent, type JsonObject } from "@mcp-events/protocol";
import * as z from "zod";

/** What every simulated event carries. */
export interface Payload extends JsonObject {
  /** Names the event for the oracle: no two have the same. */
  readonly n: number;
  readonly tag: number;
}

/** Arguments of every simulated type. */
export interface Arguments extends JsonObject {
  /** Events with one of these tags; absent: all. */
  readonly tags?: number[] | undefined;
}

const define = (name: string) =>
  defineEvent(name, {
    description: name,
    inputSchema: z.object({ tags: z.array(z.int()).optional() }),
    payloadSchema: z.object({ n: z.int(), tag: z.int() }),
  });

/** The types of one log: the first may promise order by key, the others promise it for the whole subscription. */
export const TYPES = [define("note.created"), define("task.done"), define("file.changed")] as const;

/** Whether an event belongs to a subscription with these arguments. */
export function belongs(tag: number, tags: readonly number[] | undefined): boolean {
  return tags === undefined || tags.includes(tag);
}
