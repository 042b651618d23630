import { PassThrough } from "node:stream";
import type { EventHost, ServerTransport } from "@mcp-events/protocol";
import { StdioServerTransport as StdioV1 } from "@modelcontextprotocol/sdk/server/stdio.js";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { StdioServerTransport as StdioV2, serveStdio } from "@modelcontextprotocol/server/stdio";
import { describe, expect, it } from "vitest";
import { bindClient } from "../../client/src/testing/binding";
import { clientV2, serverV1, serverV2 } from "../../conformance/src/testing/sdks";
import { stdio } from "./index";
import { LineTransport } from "./testing/pipes";

/** A server on the pipes, with these adapters. */
type Serve = (
  pipes: { stdin: PassThrough; stdout: PassThrough },
  transports: readonly ServerTransport[],
  attach: (host: EventHost) => void,
) => Promise<unknown>;

const SERVERS: Record<string, Serve> = {
  "v1 StdioServerTransport": ({ stdin, stdout }, transports, attach) => {
    const { server, host } = serverV1(transports);
    attach(host);
    return server.connect(new StdioV1(stdin, stdout));
  },
  "v2 StdioServerTransport": ({ stdin, stdout }, transports, attach) => {
    const { server, host } = serverV2(transports);
    attach(host);
    return server.connect(new StdioV2(stdin, stdout));
  },
  "v2 serveStdio": async ({ stdin, stdout }, transports, attach) =>
    serveStdio(
      () => {
        const { server, host } = serverV2(transports);
        attach(host);
        return server;
      },
      { transport: new StdioV2(stdin, stdout) },
    ),
};

const tellsPrincipal = (host: EventHost) =>
  host.handle("events/poll", async ({ principal }) => ({ resultType: "complete", principal }));

async function principalOver(serve: Serve, options?: Parameters<typeof stdio>[0]): Promise<unknown> {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  await serve({ stdin, stdout }, [stdio(options)], tellsPrincipal);
  const client = clientV2();
  const connection = bindClient(client, { transports: [stdio()] });
  await client.connect(new LineTransport(stdout, stdin));
  const { principal } = await connection.request("events/poll", { name: "a" });
  await client.close();
  return principal;
}

describe.each(Object.entries(SERVERS))("%s", (_name, serve) => {
  it("HOOK-2: the principal that was named is the caller of every request", async () => {
    expect(await principalOver(serve, { principal: "alice" })).toBe("alice");
  });

  it("HOOK-2: an empty name is nobody's", async () => {
    expect(await principalOver(serve, { principal: "" })).toBeNull();
  });

  it("HOOK-2: without one the caller is nobody in particular", async () => {
    expect(await principalOver(serve)).toBeNull();
    expect(await principalOver(serve, { principal: undefined })).toBeNull();
  });
});

it("HOOK-2: it names who is at the pipe, and nobody who comes another way", async () => {
  const { server, host } = serverV2([stdio({ principal: "alice" })]);
  tellsPrincipal(host);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(theirs);
  const client = clientV2();
  const connection = bindClient(client);
  await client.connect(ours);
  expect(await connection.request("events/poll", { name: "a" })).toMatchObject({ principal: null });
  await client.close();
});
