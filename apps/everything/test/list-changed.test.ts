import { SUBSCRIPTION_ID } from "@mcp-events/protocol";
import { expect, it, onTestFinished } from "vitest";
import { connect, paired, startApp } from "./support/app";
import { callTool, LEGACY_REVISION, MODERN_REVISION, type Raw, withEnvelope } from "./support/json-rpc";
import { readEvents } from "./support/sse";

const CHANGED = "notifications/events/list_changed";
const CHANGES = [
  ["remove_type", { name: "note.created" }],
  ["add_type", { name: "note.created" }],
  ["change_type", { name: "note.created", breaking: false }],
] as const;

/** An open SSE response. */
async function open(url: string, init: RequestInit): Promise<AsyncGenerator<Raw>> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(url, { ...init, signal: abort.signal });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  return readEvents(response);
}

async function next(messages: AsyncGenerator<Raw>): Promise<Raw> {
  return (await messages.next()).value;
}

it("LIST-3: on 2026-07-28 a listen stream that asked for it is told of each change", async () => {
  const { url } = await startApp();
  const params = withEnvelope({ notifications: { eventsListChanged: true } });
  const messages = await open(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": MODERN_REVISION,
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 7, method: "subscriptions/listen", params }),
  });
  const acknowledged = await next(messages);
  expect(acknowledged.params.notifications).toMatchObject({ eventsListChanged: true });
  const peer = await connect(url);
  for (const [tool, args] of CHANGES) {
    await callTool(peer, tool, args);
    const { method, params } = await next(messages);
    expect(method).toBe(CHANGED);
    expect(params._meta[SUBSCRIPTION_ID]).toBe(7);
  }
});

it.each(["v1", "v2"] as const)("LIST-3: an older session is told on its own stream (sdk %s)", async (sdk) => {
  const { url } = await startApp({ sdk });
  const peer = await connect(url, { dialect: "session" });
  const messages = await open(url, {
    headers: {
      accept: "text/event-stream",
      "mcp-protocol-version": LEGACY_REVISION,
      "mcp-session-id": peer.session ?? "",
    },
  });
  for (const [tool, args] of CHANGES) {
    await callTool(peer, tool, args);
    expect((await next(messages)).method).toBe(CHANGED);
  }
});

it.each(["v1", "v2"] as const)("LIST-3: an older client on stdio is told (sdk %s)", async (sdk) => {
  const peer = await paired({ sdk, carrier: "stdio", dialect: "session" });
  const told = new Promise<Raw>((resolve) => peer.onNotification(CHANGED, resolve));
  await callTool(peer, "remove_type", { name: "note.created" });
  expect((await told).method).toBe(CHANGED);
});

it.each(["v1", "v2"] as const)(
  "PUSH-7 [pitfall 17]: in a session notifications/cancelled ends a stream as a disconnect does (sdk %s)",
  async (sdk) => {
    const app = await startApp({ sdk });
    const peer = await connect(app.url, { dialect: "session" });
    const stream = await peer.stream({ name: "note.created" });
    await stream.next("active");
    await peer.notify("notifications/cancelled", { requestId: stream.id });
    await stream.response;
    expect(app.fixture.events.stats()).toMatchObject({ subscriptions: { push: 0 }, readers: 0, timers: 0 });
  },
);
