import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { sharedHost } from "@mcp-events/conformance/transport";
import { NOTIFICATIONS } from "@mcp-events/protocol";
import { StdioServerTransport as StdioV1 } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StdioServerTransport as StdioV2, serveStdio } from "@modelcontextprotocol/server/stdio";
import { expect, test, vi } from "vitest";
import { bindClient } from "../../client/src/testing/binding";
import { clientV2, serverV1, serverV2 } from "../../conformance/src/testing/sdks";
import { stdio } from "./index";
import { LineTransport } from "./testing/pipes";

const CHANGED = { method: NOTIFICATIONS.listChanged, params: {} };

test("[pitfall 17] the end of stdin closes a v1 server and takes every listener off", async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const { server, host } = serverV1([stdio()]);
  const closed = vi.fn();
  host.onClose(closed);
  await server.connect(new StdioV1(stdin, stdout));
  stdin.end();
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  const left = ["end", "close", "data"].map((event) => stdin.listenerCount(event));
  expect(left).toEqual([0, 0, 0]);
});

test("a v1 server whose stdin has ended before it connects is closed", async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  stdin.end();
  stdin.resume();
  await new Promise((resolve) => stdin.once("end", resolve));
  const { server, host } = serverV1([stdio()]);
  const closed = new Promise<void>((resolve) => host.onClose(resolve));
  await server.connect(new StdioV1(stdin, stdout));
  await closed;
});

test("a broken stdout closes the server instead of ending the process", async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const { server, host } = serverV1([stdio()]);
  const closed = new Promise<void>((resolve) => host.onClose(resolve));
  await server.connect(new StdioV1(stdin, stdout));
  stdout.destroy(new Error("EPIPE"));
  await closed;
});

test("a transport with a send of its own is written to by its send", async () => {
  class Tapped extends StdioV1 {
    readonly sent: unknown[] = [];
    override send(message: never) {
      this.sent.push(message);
      return super.send(message);
    }
  }
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const { server, host } = serverV1([stdio()]);
  host.handle("events/stream", async (request) => {
    await request.stream().write([{ method: NOTIFICATIONS.active, params: { cursor: null } }]);
    return {};
  });
  const transport = new Tapped(stdin, stdout);
  await server.connect(transport);
  stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "events/stream", params: {} })}\n`);
  await vi.waitFor(() => expect(transport.sent).toHaveLength(2));
  expect(transport.sent[0]).toMatchObject({ method: NOTIFICATIONS.active });
});

async function modernStdio() {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const shared = sharedHost();
  const wire = new StdioV2(stdin, stdout);
  const handle = serveStdio(
    () => {
      const { server, host } = serverV2([stdio()]);
      shared.attach(host);
      return server;
    },
    { transport: wire },
  );
  const client = clientV2();
  const connection = bindClient(client, { transports: [stdio()] });
  const received: string[] = [];
  const lines = new LineTransport(stdout, stdin);
  await client.connect(lines);
  stdout.on("data", (text: string) => received.push(text));
  const close = async () => {
    await client.close();
    await handle.close();
  };
  return { client, connection, shared, received, close };
}

test("LIST-3 over v2 stdio: told on a listen stream that asked, stamped with its id", async () => {
  const { connection, shared, received, close } = await modernStdio();
  const changes = vi.fn();
  connection.onNotification(NOTIFICATIONS.listChanged, changes);
  await vi.waitFor(async () => {
    await shared.host.notify(CHANGED);
    expect(changes).toHaveBeenCalled();
  });
  const text = received.join("");
  expect(text).toContain('"notifications":{"eventsListChanged":true}');
  expect(text).toContain(
    `"method":"${NOTIFICATIONS.listChanged}","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"listen:0"}}`,
  );
  await close();
});

test("LIST-3 over v2 stdio: a client of 2026-07-28 that did not ask gets nothing", async () => {
  const { client, connection, shared, received, close } = await modernStdio();
  const listen = await client.listen({ toolsListChanged: true });
  await shared.host.notify(CHANGED);
  await connection.request("ping", {}).catch(() => {});
  expect(received.join("")).not.toContain(NOTIFICATIONS.listChanged);
  await listen.close();
  await close();
});

test("LIST-3 over v1 stdio: an ordinary notification", async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const { server, host } = serverV1([stdio()]);
  await host.notify(CHANGED);
  await server.connect(new StdioV1(stdin, stdout));
  const client = clientV2();
  const connection = bindClient(client);
  const changes = vi.fn();
  connection.onNotification(NOTIFICATIONS.listChanged, changes);
  await client.connect(new LineTransport(stdout, stdin));
  await host.notify(CHANGED);
  await vi.waitFor(() => expect(changes).toHaveBeenCalledTimes(1));
  await client.close();
});

test("the client's adapter takes child processes of both SDK lines and nothing else", async () => {
  const { StdioClientTransport: ClientStdioV1 } = await import("@modelcontextprotocol/sdk/client/stdio.js");
  const { StdioClientTransport: ClientStdioV2 } = await import("@modelcontextprotocol/client/stdio");
  const parameters = { command: process.execPath };
  expect(stdio().connect(new ClientStdioV1(parameters))).toBeDefined();
  expect(stdio().connect(new ClientStdioV2(parameters))).toBeDefined();
  expect(stdio().connect(new LineTransport(new PassThrough(), new PassThrough()))).toBeUndefined();
});

test("[pitfall 17] a v1 server is closed when the process at the other end dies", async () => {
  const child = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
  const { server, host } = serverV1([stdio()]);
  const closed = new Promise<void>((resolve) => host.onClose(resolve));
  await server.connect(new StdioV1(child.stdout, new PassThrough()));
  child.kill("SIGKILL");
  await closed;
});
