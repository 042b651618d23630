import {
  DELIVERY_MODES,
  type DeliveryMode,
  descriptorSchema,
  type EventConnection,
  type EventDescriptor,
  EventsError,
  isJsonObject,
  METHODS,
} from "@mcp-events/protocol";
import type { ClientSettings } from "./options";

/** A server whose pages go on for longer is not believed. */
const MAX_PAGES = 1_000;

/** All event types a server lists, page by page (LIST-1). What cannot be read is left out and logged. */
export async function listEvents(
  connection: EventConnection,
  { logger, requestTimeoutMs: timeoutMs }: ClientSettings,
  signal?: AbortSignal,
): Promise<EventDescriptor[]> {
  const found: EventDescriptor[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const result = await connection.request(METHODS.list, params, { signal, timeoutMs });
    const { events, nextCursor } = result;
    if (!Array.isArray(events)) {
      throw new EventsError("transport_failed", "the server's list of events is malformed", {
        retryable: true,
      });
    }
    for (const event of events) {
      const descriptor = readDescriptor(event);
      if (descriptor !== undefined) found.push(descriptor);
      else logger.warn("a malformed event descriptor was skipped", { event });
    }
    if (typeof nextCursor !== "string" || nextCursor === cursor) return found;
    cursor = nextCursor;
  }
  throw new EventsError("transport_failed", `the server's list of events has more than ${MAX_PAGES} pages`);
}

/** Modes this library does not know are left out, so that a newer server can be read. */
function readDescriptor(event: unknown): EventDescriptor | undefined {
  if (!isJsonObject(event) || !Array.isArray(event.delivery)) return undefined;
  const delivery = event.delivery.filter((mode) => DELIVERY_MODES.includes(mode as DeliveryMode));
  const parsed = descriptorSchema.safeParse({ inputSchema: {}, payloadSchema: {}, ...event, delivery });
  return parsed.success ? parsed.data : undefined;
}
