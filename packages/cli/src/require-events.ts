import { type EventConnection, EventsError, readServerCapabilities } from "@mcp-events/protocol";

/**
 * CAP-3: a server that declares no events is sent none of their requests.
 *
 * @throws EventsError `not_an_events_server`.
 */
export async function requireEvents(connection: EventConnection): Promise<void> {
  if (readServerCapabilities(await connection.serverCapabilities()) !== undefined) return;
  throw new EventsError("not_an_events_server", "the server does not declare that it has events");
}
