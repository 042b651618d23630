import { sharedHost } from "@mcp-events/conformance/transport";
import { NOTIFICATIONS } from "@mcp-events/protocol";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { afterEach, expect, test, vi } from "vitest";
import { bindClient } from "../../client/src/testing/binding";
import { clientV1, serverV1, serverV2 } from "../../conformance/src/testing/sdks";
import { http } from "./index";
import { type Handler, listen } from "./testing/http-server";
import { openSession, post } from "./testing/raw-stream";
import { SERVERS } from "./testing/servers";

const closers: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(handler: Handler): Promise<URL> {
  const listening = await listen(handler);
  closers.push(() => listening.close());
  return listening.url;
}

const stream = { id: 1, method: "events/stream", params: {} };

test("[pitfall 20] v1 in JSON response mode refuses a stream instead of being silent", async () => {
  const url = await start(async (req, res) => {
    const { server, host } = serverV1([http()]);
    host.handle("events/stream", async (request) => {
      request.stream();
      return {};
    });
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport as never);
    await transport.handleRequest(req, res);
  });
  const { error } = (await (await post(url, stream)).json()) as { error: unknown };
  expect(error).toMatchObject({ code: -32026, data: { feature: "deliveryMode", value: "push" } });
});

test("[pitfall 20] v2 in JSON response mode refuses a stream instead of being silent", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const factory = () => {
    const { server, host } = serverV2([http()]);
    host.handle("events/stream", async (request) => {
      request.stream();
      return {};
    });
    return server;
  };
  const handler = createMcpHandler(factory, { responseMode: "json" });
  const url = await start(toNodeHandler(handler) as Handler);
  const { error } = (await (await post(url, stream, { modern: true })).json()) as { error: unknown };
  expect(error).toMatchObject({ code: -32026, data: { feature: "deliveryMode", value: "push" } });
});

test("CAP-4 a server without events answers -32601", async () => {
  const url = await start(toNodeHandler(createMcpHandler(() => serverV2().server)) as Handler);
  const response = await post(url, { id: 0, method: "events/list", params: {} }, { modern: true });
  expect(await response.json()).toMatchObject({ id: 0, error: { code: -32601 } });
});

test("CAP-5 every result of 2026-07-28 says that it is complete", async () => {
  const shared = sharedHost();
  shared.host.handle("events/list", async () => ({ events: [] }));
  const served = SERVERS["v2 handler"]?.(shared, http());
  if (served === undefined) throw new Error("no such server");
  const url = await start(served.handler);
  const response = await post(url, { id: 0, method: "events/list", params: {} }, { modern: true });
  expect(await response.json()).toMatchObject({ result: { resultType: "complete", events: [] } });
});

test("[pitfall 40] a stateless v1 server that nobody closes is closed with its response", async () => {
  const shared = sharedHost();
  shared.host.handle("events/list", async () => ({ events: [] }));
  const served = SERVERS["v1 stateless"]?.(shared, http());
  if (served === undefined) throw new Error("no such server");
  const url = await start(served.handler);
  await (await post(url, { id: 1, method: "events/list", params: {} })).text();
  await vi.waitFor(() => expect(shared.attached).toBe(0));
});

test.each(["v1 session", "v2 session"])(
  "[pitfall 17] %s: a request other than a stream is told when its client leaves, and leaves nothing when cancelled",
  async (kind) => {
    const shared = sharedHost();
    const running: AbortSignal[] = [];
    shared.host.handle("events/poll", async ({ signal }) => {
      running.push(signal);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      return {};
    });
    const served = SERVERS[kind]?.(shared, http());
    if (served === undefined) throw new Error("no such server");
    const url = await start(served.handler);
    closers.push(() => served.close());
    const headers = await openSession(url);
    const leave = new AbortController();
    const poll = { id: 1, method: "events/poll", params: {} };
    post(url, poll, { headers, signal: leave.signal }).catch(() => {});
    await vi.waitFor(() => expect(running).toHaveLength(1));
    leave.abort();
    await vi.waitFor(() => expect(running[0]?.aborted).toBe(true));
    const answer = post(url, { ...poll, id: 2 }, { headers }).then((response) => response.text());
    await vi.waitFor(() => expect(running).toHaveLength(2));
    await post(url, { method: "notifications/cancelled", params: { requestId: 2 } }, { headers });
    expect(await answer).toContain('"id":2');
    await vi.waitFor(() => expect(served.held()).toBe(0));
  },
);

test("the final result and other notifications of a request stay in order with what is written past the SDK", async () => {
  const shared = sharedHost();
  shared.host.handle("events/stream", async (request) => {
    const channel = request.stream();
    const message = (n: number) => ({ method: NOTIFICATIONS.event, params: { n } });
    await channel.write([message(0)]);
    for (let n = 1; n < 200; n += 2) await channel.write([message(n), message(n + 1)]);
    channel.release();
    return { done: true };
  });
  for (const kind of Object.keys(SERVERS).filter((name) => name.includes("handler"))) {
    const served = SERVERS[kind]?.(shared, http());
    if (served === undefined) throw new Error("no such server");
    const url = await start(served.handler);
    const text = await (await post(url, stream, { modern: true })).text();
    const frames = text.split("\n\n").filter((frame) => frame !== "");
    const messages = frames.map((frame) => JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? "null"));
    expect(
      messages.slice(0, -1).map(({ params }) => params.n),
      kind,
    ).toEqual(messages.slice(0, -1).map((_, n) => n));
    expect(messages, kind).toHaveLength(202);
    expect(messages.at(-1), kind).toMatchObject({ id: 1, result: { done: true } });
  }
});

test("where the SDK keeps messages for resumption they pass through it, and a cancelled stream is not resumed", async () => {
  const { server, host } = serverV1([http()]);
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  host.handle("events/stream", async (request) => {
    const channel = request.stream();
    for (let n = 0; n < 40; n += 20) {
      await channel.write(
        Array.from({ length: 20 }, (_, i) => ({
          method: NOTIFICATIONS.event,
          params: { n: n + i, _meta: { "io.modelcontextprotocol/subscriptionId": request.requestId } },
        })),
      );
    }
    await new Promise<void>((resolve) => channel.signal.addEventListener("abort", () => resolve()));
    channel.release();
    ended();
    return {};
  });
  const stored: unknown[] = [];
  const eventStore = {
    storeEvent: async (_: string, message: unknown) => String(stored.push(message)),
    replayEventsAfter: async () => "",
  };
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => "s", eventStore });
  await server.connect(transport as never);
  const resumed: unknown[] = [];
  const url = await start(async (req, res) => {
    resumed.push(...(req.headers["last-event-id"] === undefined ? [] : [req.url]));
    await transport.handleRequest(req, res);
  });
  const client = clientV1();
  const connection = bindClient(client, { transports: [http()] });
  const reconnectionOptions = {
    initialReconnectionDelay: 1,
    maxReconnectionDelay: 1,
    reconnectionDelayGrowFactor: 1,
    maxRetries: 1,
  };
  await client.connect(new StreamableHTTPClientTransport(url, { reconnectionOptions }) as never);
  const numbers: unknown[] = [];
  for await (const batch of connection.openStream({}, { signal: new AbortController().signal }).messages) {
    numbers.push(...batch.map(({ params }) => params.n));
    if (numbers.length === 40) break;
  }
  expect(numbers).toEqual(Array.from({ length: 40 }, (_, n) => n));
  expect(
    stored.filter((message) => (message as { method?: string }).method === NOTIFICATIONS.event),
  ).toHaveLength(40);
  await end;
  await client.ping();
  expect(resumed).toEqual([]);
  await client.close();
  await server.close();
});
