import type {
  ClientLink,
  ClientTransport,
  McpTransport,
  ServerConnection,
  ServerTransport,
} from "@mcp-events/protocol";
import { connectClient, isHttpClient } from "./client-link";
import { ListenStreams } from "./listen";
import { isHttpServer } from "./recognise";
import { connectServer } from "./server-connection";
import { type WebHandler, wrapHandler } from "./wrap";

/** Options of {@link http}. */
export interface HttpOptions {
  /** `subscriptions/listen` streams that may be open for `eventsListChanged`; default 1,024. */
  readonly maxListenStreams?: number | undefined;
  /** Interval of comments on such a stream, in milliseconds; default 15,000, as the SDK's own. */
  readonly keepAliveMs?: number | undefined;
}

/** The adapter that {@link http} makes. */
export interface HttpTransport extends ServerTransport, ClientTransport {
  connect(transport: McpTransport, server: { close(): Promise<void> }): ServerConnection | undefined;
  connect(transport: McpTransport): ClientLink | undefined;
  /**
   * Wraps an HTTP handler: the `{ fetch }` of v2's `createMcpHandler`, or a Node handler `(req, res, body?)` such as
   * `toNodeHandler` makes of it. Needed for list_changed on 2026-07-28 (LIST-3); events flow without it, too.
   */
  wrap<H extends WebHandler>(handler: H): H;
  // biome-ignore lint/suspicious/noExplicitAny: handlers of all frameworks, each with types of its own
  wrap<H extends (...args: any[]) => unknown>(handler: H): H;
  /** Ends the `subscriptions/listen` streams that this adapter holds open. */
  close(): void;
}

/**
 * The Streamable HTTP adapter, for servers and clients alike. On a server it ends streams when the client leaves, waits
 * for drain, writes events to the response in batches once the SDK has begun it, and refuses streams where a transport
 * answers with JSON. On a client it aborts the POST of a stream that is done with, sees its end, and stops reading while
 * the stream's reader is behind.
 */
export function http(options: HttpOptions = {}): HttpTransport {
  const listens = new ListenStreams(options.maxListenStreams ?? 1_024, options.keepAliveMs ?? 15_000);
  function connect(transport: McpTransport, server: { close(): Promise<void> }): ServerConnection | undefined;
  function connect(transport: McpTransport): ClientLink | undefined;
  function connect(transport: McpTransport, server?: { close(): Promise<void> }) {
    if (server === undefined) return isHttpClient(transport) ? connectClient(transport) : undefined;
    return isHttpServer(transport) ? connectServer(transport, server) : undefined;
  }
  return {
    name: "http",
    connect,
    broadcast: (message) => listens.broadcast(message),
    wrap: (handler: never) => wrapHandler(handler, listens),
    close: () => listens.close(),
  };
}
