import { sharedHost } from "@mcp-events/conformance/transport";
import { NOTIFICATIONS } from "@mcp-events/protocol";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterEach, expect, test, vi } from "vitest";
import { bindClient } from "../../client/src/testing/binding";
import { clientV2 } from "../../conformance/src/testing/sdks";
import { http } from "./index";
import { listen } from "./testing/http-server";
import { post } from "./testing/raw-stream";
import { SERVERS } from "./testing/servers";

const CHANGED = { method: NOTIFICATIONS.listChanged, params: {} };
const closers: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(kind: string, options = {}) {
  const adapter = http(options);
  const make = SERVERS[kind];
  if (make === undefined) throw new Error(kind);
  const served = make(sharedHost(), adapter);
  const listening = await listen(served.handler);
  closers.push(
    () => listening.close(),
    () => served.close(),
    () => adapter.close(),
  );
  return { adapter, url: listening.url };
}

async function connect(url: URL) {
  const client = clientV2();
  const connection = bindClient(client, { transports: [http()] });
  await client.connect(new StreamableHTTPClientTransport(url));
  closers.push(() => client.close());
  return { client, connection };
}

/** Sends a raw `subscriptions/listen`; reads frames as they come. */
async function rawListen(url: URL, notifications: object) {
  const response = await post(
    url,
    { id: 0, method: "subscriptions/listen", params: { notifications } },
    { modern: true },
  );
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  closers.push(() => reader?.cancel());
  let text = "";
  return async () => {
    while (!text.includes("\n\n")) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return "end";
      text += value;
    }
    const end = text.indexOf("\n\n");
    const frame = text.slice(0, end);
    text = text.slice(end + 2);
    return JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? "null");
  };
}

const WRAPPED = ["v2 handler, wrapped for Node", "v2 handler, wrapped"];

test.each(WRAPPED)("LIST-3 %s: acknowledges eventsListChanged and stamps the notification", async (kind) => {
  const { adapter, url } = await serve(kind);
  const next = await rawListen(url, { eventsListChanged: true });
  const subscriptionId = { "io.modelcontextprotocol/subscriptionId": 0 };
  expect(await next()).toEqual({
    jsonrpc: "2.0",
    method: "notifications/subscriptions/acknowledged",
    params: { notifications: { eventsListChanged: true }, _meta: subscriptionId },
  });
  adapter.broadcast?.(CHANGED);
  expect(await next()).toEqual({
    jsonrpc: "2.0",
    method: NOTIFICATIONS.listChanged,
    params: { _meta: subscriptionId },
  });
  adapter.close();
  expect(await next()).toMatchObject({ id: 0, result: { resultType: "complete", _meta: subscriptionId } });
  expect(await next()).toBe("end");
});

test.each(WRAPPED)(
  "LIST-3 %s: a client that did not ask gets the SDK's answer and nothing of ours",
  async (kind) => {
    const { adapter, url } = await serve(kind);
    const next = await rawListen(url, { toolsListChanged: true });
    expect(await next()).toMatchObject({ params: { notifications: {} } });
    adapter.broadcast?.(CHANGED);
    expect(await next()).toMatchObject({ id: 0, result: {} });
    expect(await next()).toBe("end");
  },
);

test.each(WRAPPED)(
  "LIST-3 %s: our client is told of every change, and asks only while it listens",
  async (kind) => {
    const { adapter, url } = await serve(kind);
    const { connection } = await connect(url);
    const changes = vi.fn();
    const stop = connection.onNotification(NOTIFICATIONS.listChanged, changes);
    await vi.waitFor(() => {
      adapter.broadcast?.(CHANGED);
      expect(changes).toHaveBeenCalled();
    });
    stop();
    changes.mockClear();
    adapter.broadcast?.(CHANGED);
    await connection.request("events/list", {}).catch(() => {});
    expect(changes).not.toHaveBeenCalled();
  },
);

test.each(WRAPPED)("LIST-3 %s: beyond maxListenStreams the SDK answers alone", async (kind) => {
  const { url } = await serve(kind, { maxListenStreams: 1 });
  const first = await rawListen(url, { eventsListChanged: true });
  expect(await first()).toMatchObject({ params: { notifications: { eventsListChanged: true } } });
  const second = await rawListen(url, { eventsListChanged: true });
  expect(await second()).toMatchObject({ params: { notifications: {} } });
});

test("LIST-3 a body that is no JSON gets the handler's own refusal", async () => {
  const { url } = await serve("v2 handler, wrapped for Node");
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "mcp-method": "subscriptions/listen" },
    body: "{",
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toHaveProperty("error");
});
