import {
  EventsError,
  inMemoryPair,
  type JsonObject,
  NOTIFICATIONS,
  SUBSCRIPTION_ID,
  WireError,
} from "@mcp-events/protocol";
import { Client as ClientV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { describe, expect, test, vi } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { bindClient } from "./bind-client";

const INFO = { name: "bound", version: "1" };
const CLIENTS = {
  v1: () => new ClientV1(INFO),
  "v2 legacy": () => new ClientV2(INFO),
  "v2 modern": () => new ClientV2(INFO, { versionNegotiation: { mode: "auto" } }),
};
const CAPABILITIES = { events: { listChanged: true }, unknown: { to: "the SDK" } };

type Answer = (message: JsonObject, send: (message: JsonObject) => void) => void;

/** A server by hand: `answer` sees every request that is no handshake. Modern when asked to discover. */
function rawServer(answer: Answer, modern: boolean) {
  const pair = inMemoryPair();
  const seen: JsonObject[] = [];
  const send = (message: JsonObject) => void pair.server.send({ jsonrpc: "2.0", ...message });
  pair.server.onmessage = (message: JsonObject) => {
    seen.push(message);
    const { id, method } = message;
    const info = { serverInfo: INFO, capabilities: CAPABILITIES };
    if (method === "initialize") send({ id, result: { protocolVersion: "2025-11-25", ...info } });
    else if (method !== "server/discover") answer(message, send);
    else if (!modern) send({ id, error: { code: -32601, message: "Method not found" } });
    else {
      const discover = {
        supportedVersions: ["2026-07-28"],
        capabilities: CAPABILITIES,
        ttlMs: 0,
        cacheScope: "private",
      };
      send({ id, result: { resultType: "complete", ...discover } });
    }
  };
  void pair.server.start();
  return { pair, seen, send };
}

describe.each(Object.entries(CLIENTS))("%s client", (name, make) => {
  const modern = name === "v2 modern";

  async function connect(answer: Answer, options: { late?: boolean; clock?: ManualClock } = {}) {
    const client = make();
    const server = rawServer(answer, modern);
    const { late = false, clock } = options;
    if (late) await client.connect(server.pair.client as never);
    const connection = bindClient(client, { clock });
    if (!late) await client.connect(server.pair.client as never);
    return { client, connection, ...server };
  }

  test("CAP-2 knows the server's capabilities as they were sent", async () => {
    const { connection } = await connect(() => {});
    expect(await connection.serverCapabilities()).toMatchObject(CAPABILITIES);
  });

  test("knows nothing of the server before the connection", async () => {
    expect(await bindClient(make()).serverCapabilities()).toBeUndefined();
  });

  test.each([false, modern])("CAP-3 declares that it understands events (bound late: %s)", async (late) => {
    const { connection, seen } = await connect(
      ({ id }, send) => send({ id, result: { resultType: "complete" } }),
      { late },
    );
    await connection.request("events/list", {});
    const request = seen.find(({ method }) => method === (modern ? "events/list" : "initialize"));
    const params = request?.params as JsonObject;
    const meta = params._meta as JsonObject | undefined;
    const capabilities = (
      modern ? meta?.["io.modelcontextprotocol/clientCapabilities"] : params.capabilities
    ) as JsonObject;
    expect(capabilities.extensions).toHaveProperty(["io.modelcontextprotocol/events"]);
  });

  test("an error response of either profile is a WireError with its own message", async () => {
    const { connection } = await connect(({ id, params }, send) =>
      send({
        id,
        error: { code: (params as { code: number }).code, message: "no such event", data: { kind: "event" } },
      }),
    );
    for (const code of [-32023, -32011]) {
      const error = await connection.request("events/poll", { code }).catch((reason: unknown) => reason);
      expect(WireError.is(error) && [error.error, error.message, error.data]).toEqual([
        "NotFound",
        "no such event",
        { kind: "event" },
      ]);
    }
    const unknown = await connection
      .request("events/poll", { code: -32601 })
      .catch((reason: unknown) => reason);
    expect(unknown).toMatchObject({ error: "InternalError", data: { code: -32601 } });
  });

  test("a request that is not answered in time has timed out, and may be tried again", async () => {
    const { connection } = await connect(() => {});
    await expect(connection.request("events/poll", {}, { timeoutMs: 1 })).rejects.toMatchObject({
      code: "timed_out",
      retryable: true,
    });
  });

  test("an aborted request is cancelled at the server and rejects as closed", async () => {
    const abort = new AbortController();
    const { connection, seen } = await connect(({ method }) => method === "events/poll" && abort.abort());
    await expect(connection.request("events/poll", {}, { signal: abort.signal })).rejects.toMatchObject({
      code: "closed",
    });
    await vi.waitFor(() => expect(seen.map(({ method }) => method)).toContain("notifications/cancelled"));
    await expect(connection.request("events/poll", {}, { signal: abort.signal })).rejects.toMatchObject({
      code: "closed",
    });
  });

  test("[pitfall 19] a reader that falls behind by more than the bound is told, after what had come", async () => {
    const { connection, seen } = await connect(({ id, method }, send) => {
      if (method !== "events/stream") return;
      for (let n = 0; n < 20; n += 1) {
        send({ method: NOTIFICATIONS.event, params: { n, _meta: { [SUBSCRIPTION_ID]: id } } });
      }
    });
    const stream = connection.openStream({}, { signal: new AbortController().signal, maxBuffered: 5 });
    await vi.waitFor(() => expect(seen.map(({ method }) => method)).toContain("notifications/cancelled"));
    const numbers: unknown[] = [];
    const read = async () => {
      for await (const batch of stream.messages) numbers.push(...batch.map(({ params }) => params.n));
    };
    await expect(read()).rejects.toMatchObject({ code: "stream_overflow", retryable: true });
    expect(numbers).toEqual([0, 1, 2, 3, 4]);
  });

  test("what arrives for a stream after its cancel is dropped, without an error of the SDK", async () => {
    const { client, connection, send, seen } = await connect(({ id, method }, answer) => {
      if (method === "events/stream")
        answer({ method: NOTIFICATIONS.active, params: { _meta: { [SUBSCRIPTION_ID]: id } } });
      if (method === "events/list") answer({ id, result: { resultType: "complete" } });
    });
    const errors = vi.fn();
    client.onerror = errors;
    const fallback = vi.fn(async () => {});
    client.fallbackNotificationHandler = fallback;
    const stream = connection.openStream({}, { signal: new AbortController().signal });
    for await (const batch of stream.messages) {
      expect(batch).toHaveLength(1);
      break;
    }
    const { id } = seen.find(({ method }) => method === "events/stream") ?? {};
    send({ method: NOTIFICATIONS.event, params: { _meta: { [SUBSCRIPTION_ID]: id } } });
    send({ id, result: { resultType: "complete" } });
    await connection.request("events/list", {});
    expect([errors.mock.calls, fallback.mock.calls]).toEqual([[], []]);
  });

  test("[pitfall 36] streams are told apart by their ids, 0 among them, and other notifications go to the SDK", async () => {
    const { client, connection } = await connect(({ id, method, params }, send) => {
      if (method !== "events/stream") return;
      send({
        method: NOTIFICATIONS.active,
        params: { of: (params as JsonObject).name, _meta: { [SUBSCRIPTION_ID]: id } },
      });
      send({ method: NOTIFICATIONS.active, params: { of: "nobody", _meta: { [SUBSCRIPTION_ID]: "other" } } });
    });
    const others = vi.fn(async () => {});
    client.fallbackNotificationHandler = others;
    const names = ["a", "b", "c"];
    const streams = names.map((stream) =>
      connection.openStream({ name: stream }, { signal: new AbortController().signal }),
    );
    for (const [index, stream] of streams.entries()) {
      for await (const batch of stream.messages) {
        expect(batch.map(({ params }) => params.of)).toEqual([names[index]]);
        break;
      }
    }
    await vi.waitFor(() => expect(others).toHaveBeenCalledTimes(3));
  });

  test("a stream ends with the connection, which is seen as closed", async () => {
    const { connection, pair } = await connect(({ id, method }, send) => {
      if (method === "events/stream")
        send({ method: NOTIFICATIONS.active, params: { _meta: { [SUBSCRIPTION_ID]: id } } });
    });
    const stream = connection.openStream({}, { signal: new AbortController().signal });
    const read = async () => {
      for await (const _ of stream.messages) pair.cut();
    };
    await expect(read()).rejects.toMatchObject({ code: "stream_ended", retryable: true });
    expect(connection.closed.aborted).toBe(true);
  });

  test("PUSH-8 the request of a stream has no time limit of the SDK's", async () => {
    const { client, connection } = await connect(() => {});
    const request = vi.spyOn(client as { request(...args: unknown[]): Promise<unknown> }, "request");
    connection.openStream({}, { signal: new AbortController().signal });
    expect(request.mock.calls[0]?.[2]).toMatchObject({ timeout: 2 ** 31 - 1 });
    await client.close();
  });

  test("a stream without a connection fails instead of waiting", async () => {
    const stream = bindClient(make()).openStream({}, { signal: new AbortController().signal });
    const error = await stream.messages[Symbol.asyncIterator]()
      .next()
      .catch((reason: unknown) => reason);
    expect(EventsError.is(error) && error.code).toBe("stream_ended");
  });

  test("a stream whose signal has aborted sends nothing and has no messages", async () => {
    const { connection, seen } = await connect(() => {});
    const stream = connection.openStream({}, { signal: AbortSignal.abort() });
    expect(await stream.messages[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    expect(seen.map(({ method }) => method)).not.toContain("events/stream");
  });

  // A connection of 2026-07-28 asks by subscriptions/listen: see below.
  if (modern) return;

  test("LIST-3 before 2026-07-28 listeners hear the ordinary notification until they stop", async () => {
    const { connection, send } = await connect(({ id }, answer) => answer({ id, result: {} }));
    const changes = vi.fn();
    const stop = connection.onNotification(NOTIFICATIONS.listChanged, changes);
    send({ method: NOTIFICATIONS.listChanged });
    await connection.request("events/list", {});
    expect(changes.mock.calls).toEqual([[{}]]);
    stop();
    send({ method: NOTIFICATIONS.listChanged });
    await connection.request("events/list", {});
    expect(changes).toHaveBeenCalledTimes(1);
  });
});

test("LIST-3 on 2026-07-28 a listen that was cut is asked for again after a while, and counts as a change", async () => {
  const clock = new ManualClock();
  const client = CLIENTS["v2 modern"]();
  const listens: unknown[] = [];
  const { pair, send } = rawServer(({ id, method, params }, answer) => {
    if (method !== "subscriptions/listen") return;
    listens.push((params as JsonObject).notifications);
    answer({
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: {}, _meta: { [SUBSCRIPTION_ID]: id } },
    });
  }, true);
  const connection = bindClient(client, { clock });
  const changes = vi.fn();
  const stop = connection.onNotification(NOTIFICATIONS.listChanged, changes);
  await client.connect(pair.client as never);
  await vi.waitFor(() => expect(listens).toEqual([{ eventsListChanged: true }]));
  send({ method: "notifications/cancelled", params: { requestId: "listen:0" } });
  await vi.waitFor(() => {
    clock.advance(1_000);
    expect(listens).toHaveLength(2);
  });
  await vi.waitFor(() => expect(changes).toHaveBeenCalledTimes(1));
  send({ id: "listen:1", result: { resultType: "complete" } });
  stop();
  await client.close();
});

test.each([{}, { connect() {} }])("what is no MCP client is refused: %j", (value) => {
  expect(() => bindClient(value as never)).toThrow(expect.objectContaining({ code: "attach_failed" }));
});
