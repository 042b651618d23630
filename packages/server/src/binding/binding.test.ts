import {
  inMemoryPair,
  type JsonObject,
  type Profile,
  WIRE_CODES,
  WireError,
  type WireErrorName,
} from "@mcp-events/protocol";
import { Server as ServerV1 } from "@modelcontextprotocol/sdk/server/index.js";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as McpServerV2, Server as ServerV2 } from "@modelcontextprotocol/server";
import { describe, expect, test, vi } from "vitest";
import { bindServer } from "./bind-server";
import { defaultPrincipalOf } from "./principal";

const INFO = { name: "bound", version: "1" };
const LINES = {
  "v1 McpServer": () => new McpServerV1(INFO),
  "v1 Server": () => new ServerV1(INFO),
  "v2 McpServer": () => new McpServerV2(INFO),
  "v2 Server": () => new ServerV2(INFO),
};

/** Connects a server and answers a function that sends one request by hand. */
async function raw(server: { connect(transport: never): Promise<void> }) {
  const pair = inMemoryPair();
  await server.connect(pair.server as never);
  await pair.client.start();
  const answers = new Map<unknown, (message: JsonObject) => void>();
  pair.client.onmessage = (message: JsonObject) => answers.get(message.id)?.(message);
  const rpc = (id: string | number, method: string, params: JsonObject = {}) => {
    const answer = new Promise<JsonObject>((resolve) => answers.set(id, resolve));
    void pair.client.send({ jsonrpc: "2.0", id, method, params });
    return answer;
  };
  return { rpc, pair };
}

const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: INFO };

describe.each(Object.entries(LINES))("%s", (_, make) => {
  test("CAP-1 CAP-2 sends both forms of the declaration as they were added", async () => {
    const server = make();
    const host = bindServer(server);
    host.addCapabilities({ events: { listChanged: true } });
    host.addCapabilities({ extensions: { "io.modelcontextprotocol/events": { listChanged: true } } });
    const { rpc } = await raw(server as never);
    expect((await rpc("init", "initialize", initialize)).result).toMatchObject({
      capabilities: {
        events: { listChanged: true },
        extensions: { "io.modelcontextprotocol/events": { listChanged: true } },
      },
    });
  });

  test("CAP-4 answers -32601 for what nobody handles", async () => {
    const server = make();
    bindServer(server);
    const { rpc } = await raw(server as never);
    expect(await rpc(1, "events/list")).toMatchObject({ error: { code: -32601 } });
  });

  test.each(["sep-3415", "sketch"] as const)(
    "every error of the %s profile leaves with its number, message and data",
    async (profile) => {
      const server = make();
      const host = bindServer(server, { profile: profile as Profile });
      host.handle("events/poll", async ({ params }) => {
        throw new WireError(params.name as WireErrorName, "as it is", { of: params.name });
      });
      const { rpc } = await raw(server as never);
      for (const [name, code] of Object.entries(WIRE_CODES[profile])) {
        const { error } = await rpc(name, "events/poll", { name });
        expect(error).toEqual({ code, message: "as it is", data: { of: name } });
      }
    },
  );

  test("[pitfall 23] an unexpected failure is logged and tells the peer nothing", async () => {
    const server = make();
    const error = vi.fn();
    const logger = { debug() {}, info() {}, warn() {}, error };
    const host = bindServer(server, { logger });
    const failure = new RangeError("secret");
    host.handle("events/poll", async () => {
      throw failure;
    });
    const { rpc } = await raw(server as never);
    expect((await rpc(1, "events/poll")).error).toEqual({ code: -32603, message: "Internal error" });
    expect(error).toHaveBeenCalledWith(expect.any(String), { method: "events/poll", error: failure });
  });

  test("hands over parameters without _meta, and _meta by itself", async () => {
    const server = make();
    const host = bindServer(server);
    host.handle("events/poll", async ({ params, meta, principal, requestId }) => ({
      params,
      meta,
      principal,
      requestId,
    }));
    const { rpc } = await raw(server as never);
    const params = { name: "x", arguments: { a: 1 }, _meta: { "dev.mcp-events/ordering": { a: 1 } } };
    expect((await rpc(0, "events/poll", params)).result).toMatchObject({
      params: { name: "x", arguments: { a: 1 } },
      meta: { "dev.mcp-events/ordering": { a: 1 } },
      principal: null,
      requestId: 0,
    });
  });

  test.each([0, "", 1, "a"])("[pitfall 36] a cancelled request with id %j ends", async (id) => {
    const server = make();
    const host = bindServer(server);
    let running = () => {};
    const started = new Promise<void>((resolve) => {
      running = resolve;
    });
    const ended = new Promise<void>((resolve) => {
      host.handle("events/poll", async ({ signal }) => {
        running();
        await new Promise<void>((abort) => signal.addEventListener("abort", () => abort()));
        resolve();
        return {};
      });
    });
    const { rpc, pair } = await raw(server as never);
    void rpc(id, "events/poll");
    await started;
    await pair.client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
    await ended;
  });

  test("[pitfall 36] two servers with equal request ids do not touch each other", async () => {
    const [first, second] = [make(), make()];
    const aborted: string[] = [];
    const wires = [];
    for (const [name, server] of [
      ["first", first],
      ["second", second],
    ] as const) {
      const host = bindServer(server);
      host.handle("events/poll", async ({ signal }) => {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        aborted.push(name);
        return {};
      });
      host.handle("events/list", async () => ({}));
      const wire = await raw(server as never);
      void wire.rpc(0, "events/poll");
      await wire.rpc(1, "events/list");
      wires.push(wire);
    }
    await wires[0]?.pair.client.send({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 0 },
    });
    await Promise.all(wires.map(({ rpc }) => rpc(2, "events/list")));
    expect(aborted).toEqual(["first"]);
  });

  test("says once when the server closes, by whichever side", async () => {
    const server = make();
    const host = bindServer(server);
    const closed = vi.fn();
    host.onClose(closed);
    const { pair } = await raw(server as never);
    pair.cut();
    await server.close();
    expect(closed).toHaveBeenCalledTimes(1);
    const late = vi.fn();
    host.onClose(late);
    expect(late).toHaveBeenCalledTimes(1);
  });

  test("[pitfall 40] a server that is closed without ever having been connected is released, too", async () => {
    const server = make();
    const closed = vi.fn();
    bindServer(server).onClose(closed);
    await server.close();
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test("a close callback that throws is logged and does not stop the others", async () => {
    const server = make();
    const error = vi.fn();
    const host = bindServer(server, { logger: { debug() {}, info() {}, warn() {}, error } });
    host.onClose(() => {
      throw new Error("no");
    });
    const closed = vi.fn();
    host.onClose(closed);
    await server.close();
    expect([closed.mock.calls.length, error.mock.calls.length]).toEqual([1, 1]);
  });

  test("is refused once the server is connected", async () => {
    const server = make();
    await raw(server as never);
    expect(() => bindServer(server)).toThrow(expect.objectContaining({ code: "attach_failed" }));
  });

  test("opens a stream at most once for a request", async () => {
    const server = make();
    const host = bindServer(server);
    host.handle("events/stream", async (request) => {
      request.stream();
      expect(() => request.stream()).toThrow(expect.objectContaining({ code: "attach_failed" }));
      return { refused: true };
    });
    const { rpc } = await raw(server as never);
    expect((await rpc(1, "events/stream")).result).toMatchObject({ refused: true });
  });

  test("a notification before the connection goes nowhere, and does not fail", async () => {
    await bindServer(make()).notify({ method: "notifications/events/list_changed", params: {} });
  });
});

test.each([{}, { connect() {} }, { server: {} }])("what is no MCP server is refused: %j", (value) => {
  expect(() => bindServer(value as never)).toThrow(expect.objectContaining({ code: "attach_failed" }));
});

test.each([
  [undefined, null],
  [{ clientId: "app" }, null],
  [{ clientId: "app", extra: {} }, null],
  [{ clientId: "app", extra: { sub: "" } }, null],
  [{ clientId: "app", extra: { sub: 7 } }, null],
  [{ clientId: "app", extra: { sub: "alice" } }, "alice"],
  [{ clientId: "app", extra: { principal: "bob" } }, "bob"],
  [{ clientId: "app", extra: { sub: "alice", principal: "bob" } }, "alice"],
])("[pitfall 35] the principal of %j is %j, never the OAuth client", (authInfo, principal) => {
  expect(defaultPrincipalOf(authInfo)).toBe(principal);
});
