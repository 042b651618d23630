import type { Readable, Writable } from "node:stream";
import { StdioServerTransport as StdioTransportV1 } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StdioServerTransport, serveStdio as serveStdioV2 } from "@modelcontextprotocol/server/stdio";
import type { Fixture } from "./fixture";
import { mcpServerV1 } from "./mcp-server-v1";
import { mcpServerV2 } from "./mcp-server-v2";

/** The two ends of a stdio connection, from the server's side. */
export interface StdioPipes {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/** A stdio connection. */
export interface StdioConnection {
  /** Resolves when the client is gone. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Speaks MCP on a pair of pipes. */
export async function serveStdio(fixture: Fixture, { stdin, stdout }: StdioPipes): Promise<StdioConnection> {
  const ended = new Promise<void>((resolve) => {
    stdin.once("end", resolve);
    stdin.once("close", resolve);
    stdout.once("error", () => resolve());
  });
  if (fixture.sdk === "v1") {
    const server = mcpServerV1(fixture);
    await server.connect(new StdioTransportV1(stdin, stdout));
    return { ended, close: () => server.close() };
  }
  const connection = serveStdioV2(() => mcpServerV2(fixture), {
    transport: new StdioServerTransport(stdin, stdout),
    onerror: (error) => fixture.logger.warn("stdio", { error: error.message }),
  });
  return { ended, close: () => connection.close() };
}
