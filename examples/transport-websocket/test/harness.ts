import { bindClient } from "@mcp-events/client";
import { sharedHost, type TransportUnderTest } from "@mcp-events/conformance/transport";
import type { ServerTransport } from "@mcp-events/protocol";
import { bindServer } from "@mcp-events/server";
import { Client } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { connectTo, listen, type WebSocketTransport } from "../src/index";
import { openByHand, type Revision } from "./by-hand";

const info = { name: "suite", version: "1.0.0" };

/** What differs between runs of the suite. */
export interface Setup {
  readonly transports: readonly ServerTransport[];
  /** `2026-07-28`: the connection is served by the SDK's `serveStdio`, which takes any duplex transport. */
  readonly revision: Revision;
}

/** A server that listens on a free port, and a client connected to it. */
export async function start({ transports, revision }: Setup): Promise<TransportUnderTest> {
  const shared = sharedHost();
  const servers: McpServer[] = [];
  const ends: WebSocketTransport[] = [];
  function build(): McpServer {
    const mcp = new McpServer(info);
    servers.push(mcp);
    const host = bindServer(mcp, { transports });
    host.addCapabilities({ events: {} });
    shared.attach(host);
    return mcp;
  }
  const listening = await listen({}, async (transport) => {
    ends.push(transport);
    if (revision === "2025-11-25") await build().connect(transport);
    else serveStdio(build, { transport });
  });

  const mode = revision === "2025-11-25" ? "legacy" : { pin: revision };
  const client = new Client(info, { versionNegotiation: { mode } });
  const connection = bindClient(client);
  const transport = connectTo(listening.url);
  await client.connect(transport);

  return {
    host: shared.host,
    connection,
    cut: () => transport.socket.terminate(),
    stall() {
      transport.socket.pause();
      return () => transport.socket.resume();
    },
    held: () =>
      [transport, ...ends].map(heldByTransport).reduce(sum, 0) +
      [client, ...servers.map(({ server }) => server)].map(heldBySdk).reduce(sum, 0),
    openWithIdZero: (params) => openByHand(listening.url, revision, params),
    async close() {
      await client.close();
      await listening.close();
    },
  };
}

const sum = (a: number, b: number) => a + b;

function heldByTransport({ socket, waiting }: WebSocketTransport): number {
  return waiting + socket.eventNames().reduce((count, name) => count + socket.listenerCount(name), 0);
}

/** Entries of the SDK's own books: handlers that run, answers that are awaited. */
function heldBySdk(protocol: object): number {
  const books = Object.values(protocol).filter((value) => value instanceof Map || value instanceof Set);
  return books.reduce((count, book) => count + book.size, 0);
}
