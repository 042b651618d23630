import {
  type ClientTransport,
  type Clock,
  type EventConnection,
  EventsError,
  waitingClock,
} from "@mcp-events/protocol";
import { ClientBinding } from "./client-binding";
import type { McpClientLike, SdkClient } from "./sdk-client";

/** Messages that wait for a stream's reader before the stream ends with `stream_overflow`. */
const DEFAULT_MAX_BUFFERED = 4_096;

/** How an MCP client is bound. */
export interface BindClientOptions {
  /** Adapters asked in order for the MCP transport the client is connected to; without one, streams end as the SDK says. */
  readonly transports?: readonly ClientTransport[] | undefined;
  /** Messages that may wait for a stream's reader; default 4,096. */
  readonly maxBuffered?: number | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
}

/**
 * Makes an MCP client of `@modelcontextprotocol/sdk` or `@modelcontextprotocol/client` carry events. Bind before
 * connecting where you can: then the client declares that it understands events (CAP-3), and servers that declare
 * events only at the top level (CAP-2) are recognised on every revision.
 *
 * @throws EventsError `attach_failed` when it is not an MCP client.
 */
export function bindClient(mcpClient: McpClientLike, options: BindClientOptions = {}): EventConnection {
  const client = mcpClient as unknown as Partial<SdkClient>;
  if (typeof client.connect !== "function" || typeof client.request !== "function") {
    throw new EventsError("attach_failed", "Not an MCP client of a known SDK");
  }
  return new ClientBinding(client as SdkClient, {
    transports: options.transports ?? [],
    maxBuffered: options.maxBuffered ?? DEFAULT_MAX_BUFFERED,
    clock: options.clock ?? waitingClock,
  });
}
