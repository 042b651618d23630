import type {
  ClientLink,
  ClientTransport,
  McpTransport,
  ServerConnection,
  ServerTransport,
} from "@mcp-events/protocol";
import { connectClient } from "./client-link";
import { isClientStdio, serverStdio } from "./recognise";
import { connectServer } from "./server-connection";

/**
 * The stdio adapter, for servers and clients alike. On a server it writes events in few, large writes, in order with
 * everything else on stdout, waits for drain, closes the server at the end of stdin, and delivers list_changed to
 * `subscriptions/listen` (LIST-3). On a client it takes the events out of what the server's process writes before the SDK
 * validates them. It knows the `StdioServerTransport` of both SDK lines and the channel of v2's
 * `serveStdio`.
 *
 * A `subscriptions/listen` that reaches `serveStdio` before the server answered anything is not seen.
 *
 * @param options.principal - A server: who is at the other end of the pipe, when that is known; webhooks need a
 * principal (HOOK-2). Default: nobody in particular.
 */
export function stdio(
  options: { readonly principal?: string | undefined } = {},
): ServerTransport & ClientTransport {
  function connect(transport: McpTransport, server: { close(): Promise<void> }): ServerConnection | undefined;
  function connect(transport: McpTransport): ClientLink | undefined;
  function connect(transport: McpTransport, server?: { close(): Promise<void> }) {
    if (server === undefined) return isClientStdio(transport) ? connectClient(transport) : undefined;
    const found = serverStdio(transport);
    if (found === undefined) return undefined;
    const connection = connectServer(transport, found, server);
    return options.principal === undefined ? connection : { ...connection, principal: options.principal };
  }
  return { name: "stdio", connect };
}
