import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A handler of Node's HTTP server. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** A server on 127.0.0.1 and a free port. */
export async function listen(
  handler: Handler,
): Promise<{ url: URL; server: Server; close(): Promise<void> }> {
  const server = createServer((req, res) => void handler(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    server,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A Streamable HTTP server transport of either SDK line, as the tests look into it. */
export interface SessionTransport {
  handleRequest(...args: never[]): Promise<unknown>;
  close(): Promise<void>;
}

interface SessionOptions {
  sessionIdGenerator: () => string;
  onsessioninitialized: (id: string) => void;
}

/** The sessions of a server: one transport each, found by the header. */
export class Sessions<T extends SessionTransport> {
  readonly transports = new Map<string, T>();

  constructor(private readonly make: (options: SessionOptions) => Promise<T>) {}

  async find(id: string | null | undefined): Promise<T> {
    const known = id == null ? undefined : this.transports.get(id);
    if (known !== undefined) return known;
    const transport: T = await this.make({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => void this.transports.set(session, transport),
    });
    return transport;
  }

  /** Entries that the transports hold for requests and their responses; the standing GET stream is not counted. */
  get held(): number {
    return [...this.transports.values()].reduce((sum, transport) => sum + heldBy(transport), 0);
  }

  async close(): Promise<void> {
    for (const transport of this.transports.values()) await transport.close();
  }
}

function heldBy(transport: object): number {
  const { _webStandardTransport: inner = transport } = transport as { _webStandardTransport?: object };
  const { _streamMapping, _requestToStreamMapping, _requestResponseMap } = inner as Record<
    string,
    Map<unknown, unknown>
  >;
  const streams = [...(_streamMapping?.keys() ?? [])].filter((key) => key !== "_GET_stream").length;
  return streams + (_requestToStreamMapping?.size ?? 0) + (_requestResponseMap?.size ?? 0);
}
