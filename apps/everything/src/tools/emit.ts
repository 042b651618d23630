import { setImmediate as nextTurn } from "node:timers/promises";
import type { EmitItem, Emitted, EventHandle } from "@mcp-events/server";
import * as z from "zod";
import type { Fixture } from "../fixture";
import { eventName, tool } from "./tool";

/** Most events one call emits. */
const MAX_COUNT = 100_000;

/** Events handed to the log at once; streams get their turn in between. */
const BATCH = 500;

const input = z.strictObject({
  name: eventName,
  data: z.looseObject({}).default({}).describe("Payload of the event."),
  eventId: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe("Identifies the event; with a count over 1, -1, -2, … is appended."),
  orderingKey: z.string().max(500).optional().describe("Takes the place of the type's own ordering key."),
  count: z
    .int()
    .min(1)
    .max(MAX_COUNT)
    .optional()
    .describe("How many events to emit; each gets n = 1 … count in its payload."),
  timestamp: z.iso.datetime({ offset: true }).optional().describe("When it happened, ISO 8601."),
  meta: z.looseObject({}).optional().describe("Travels in _meta of the occurrence, such as a traceparent."),
});

/** Emits events and answers with their positions in the log. */
export const emit = tool({
  name: "emit",
  title: "Emit events",
  description: "Emits one event, or count of them, and answers with their positions in the log.",
  input,
  async run(fixture, request) {
    const positions = await emitAll(emittable(fixture, request.name), occurrences(request));
    return { name: request.name, count: positions.length, positions };
  },
});

function emittable({ types }: Fixture, name: string): EventHandle {
  if (types.type(name).source === "emit") return types.handle(name);
  const others = types.list().filter((type) => type.source === "emit" && type.registered);
  throw new Error(
    `${name} is check-backed: it fires when its upstream says so and cannot be emitted; ` +
      `these can: ${others.map((type) => type.name).join(", ")}`,
  );
}

function occurrences({ data, eventId, orderingKey, count, timestamp, meta }: z.output<typeof input>) {
  const common = { orderingKey, timestamp, meta };
  if (count === undefined) return [{ ...common, data, eventId }];
  return Array.from({ length: count }, (_, index): EmitItem => {
    const suffix = count === 1 ? "" : `-${index + 1}`;
    return {
      ...common,
      data: { ...data, n: index + 1 },
      eventId: eventId === undefined ? undefined : eventId + suffix,
    };
  });
}

async function emitAll(handle: EventHandle, events: readonly EmitItem[]): Promise<Emitted[]> {
  const positions: Emitted[] = [];
  for (let start = 0; start < events.length; start += BATCH) {
    positions.push(...(await handle.emitMany(events.slice(start, start + BATCH))));
    if (start + BATCH < events.length) await nextTurn();
  }
  return positions;
}
