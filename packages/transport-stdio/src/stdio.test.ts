import { describeTransport, sharedHost, type TransportUnderTest } from "@mcp-events/conformance/transport";
import type { EventHost } from "@mcp-events/protocol";
import { StdioServerTransport as StdioV1 } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StdioServerTransport as StdioV2, serveStdio } from "@modelcontextprotocol/server/stdio";
import { describe, test } from "vitest";
import { bindClient } from "../../client/src/testing/binding";
import { openRawStream } from "../../conformance/src/testing/raw-client";
import { clientV1, clientV2, entriesOf, serverV1, serverV2 } from "../../conformance/src/testing/sdks";
import { stdio } from "./index";
import { LineTransport, Pipes } from "./testing/pipes";

/** Starts a server on two pipes; answers how many entries it holds for requests, and how to close it. */
type Serve = (
  pipes: Pipes,
  attach: (host: EventHost) => void,
) => Promise<{ held(): number; close(): Promise<void> }>;

const HELD = ["_requestHandlerAbortControllers"];

const SERVERS: Record<string, Serve> = {
  "v1 StdioServerTransport": async ({ server: { stdin, stdout } }, attach) => {
    const { server, host } = serverV1([stdio()]);
    attach(host);
    await server.connect(new StdioV1(stdin, stdout));
    return { held: () => entriesOf(server.server, HELD), close: () => server.close() };
  },
  "v2 StdioServerTransport": async ({ server: { stdin, stdout } }, attach) => {
    const { server, host } = serverV2([stdio()]);
    attach(host);
    await server.connect(new StdioV2(stdin, stdout));
    return { held: () => entriesOf(server.server, HELD), close: () => server.close() };
  },
  "v2 serveStdio": async ({ server: { stdin, stdout } }, attach) => {
    const servers: ReturnType<typeof serverV2>["server"][] = [];
    const handle = serveStdio(
      () => {
        const { server, host } = serverV2([stdio()]);
        attach(host);
        servers.push(server);
        return server;
      },
      { transport: new StdioV2(stdin, stdout) },
    );
    const held = () => servers.reduce((sum, { server }) => sum + entriesOf(server, HELD), 0);
    return { held, close: () => handle.close() };
  },
};

const OUTPUT_EVENTS = ["drain", "close", "error"];

async function start(serve: Serve, clientOf: typeof clientV1 | typeof clientV2): Promise<TransportUnderTest> {
  const shared = sharedHost();
  const pipes = new Pipes();
  const served = await serve(pipes, shared.attach);
  const transport = new LineTransport(pipes.client.input, pipes.client.output);
  const client = clientOf();
  const connection = bindClient(client, { transports: [stdio()] });
  await client.connect(transport);
  const { stdout } = pipes.server;
  const closers = [() => client.close(), () => served.close(), async () => pipes.cut()];
  return {
    host: shared.host,
    connection,
    cut: () => pipes.cut(),
    stall: () => transport.stall(),
    held: () => served.held() + OUTPUT_EVENTS.reduce((sum, event) => sum + stdout.listenerCount(event), 0),
    async openWithIdZero(params) {
      const raw = new Pipes();
      const other = await serve(raw, shared.attach);
      closers.push(other.close, async () => raw.cut());
      const wire = new LineTransport(raw.client.input, raw.client.output);
      await wire.start();
      return openRawStream(wire, params);
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

describe.each(Object.entries(SERVERS))("%s on pipes", (_, serve) => {
  const clients = { "v1 client": clientV1, "v2 client": clientV2 };
  describe.each(Object.entries(clients))("%s", (name, clientOf) => {
    describeTransport(name, () => start(serve, clientOf), { test, skip: test.skip });
  });
});
