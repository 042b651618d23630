import type { RequestListener } from "node:http";
import type { DeliveryOutcome, JsonObject, WebhookCallback } from "@mcp-events/protocol";
import express from "express";
import { afterEach, describe, expect, test, vi } from "vitest";
import { nodeHandler } from "./node-handler";
import { webhookReceiver } from "./receiver";
import { delivery, event, manualClock } from "./testing/deliveries";
import { type NodeServer, startServer } from "./testing/node-server";

const running: NodeServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function opened(maxBodyBytes = 10_000) {
  const clock = manualClock();
  const receiver = webhookReceiver({ url: "https://me.example/hooks/", clock, maxBodyBytes });
  const take = vi.fn(async (_: JsonObject): Promise<DeliveryOutcome> => "accepted");
  const callback = await receiver.open({ key: "a", take });
  callback.settle("sub_1");
  return { clock, receiver, take, callback };
}

async function serve(listener: RequestListener): Promise<NodeServer> {
  const server = await startServer(listener);
  running.push(server);
  return server;
}

async function post(server: NodeServer, callback: WebhookCallback, body: object = event("e1")) {
  const request = await delivery(callback, { body });
  const headers = request.headers as Record<string, string>;
  const sent = request.body as Uint8Array<ArrayBuffer>;
  return fetch(server.origin + request.path, { method: "POST", headers, body: sent });
}

describe("node:http", () => {
  test("HOOK-18: deliveries, challenges, the document, and 404 for the rest", async () => {
    const { receiver, callback, take } = await opened();
    const server = await serve(nodeHandler(receiver));
    expect((await post(server, callback)).status).toBe(200);
    expect(take).toHaveBeenCalledExactlyOnceWith(event("e1"));
    const challenge = await post(server, callback, { type: "verification", challenge: "c-1" });
    expect(await challenge.json()).toEqual({ challenge: "c-1" });
    const document = await fetch(`${server.origin}/.well-known/mcp-webhook-receiver.json`);
    expect(await document.json()).toEqual({ receivers: ["/hooks/"] });
    expect((await fetch(`${server.origin}/other`)).status).toBe(404);
    expect((await fetch(`${server.origin}${new URL(callback.url).pathname}`)).status).toBe(405);
  });

  test("an endless body is answered 413, and its connection ends", async () => {
    const { receiver, callback, take } = await opened(1_000);
    const server = await serve(nodeHandler(receiver));
    const socket = server.connect();
    const { pathname } = new URL(callback.url);
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
    const chunk = `400\r\n${"x".repeat(0x400)}\r\n`;
    let text = "";
    let open = true;
    socket.on("data", (data) => {
      text += String(data);
    });
    socket.on("error", () => {});
    const closed = new Promise<void>((resolve) =>
      socket.on("close", () => {
        open = false;
        resolve();
      }),
    );
    const push = () => {
      if (open && socket.write(chunk)) setImmediate(push);
      else socket.once("drain", push);
    };
    push();
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text.toLowerCase()).toContain("connection: close");
    expect(take).not.toHaveBeenCalled();
  });

  test("a body that stalls is given up in time", async () => {
    const { receiver, callback, clock } = await opened();
    const server = await serve(nodeHandler(receiver));
    const socket = server.connect();
    const { pathname } = new URL(callback.url);
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`);
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    await clock.advance(4_500);
    const text = await new Promise((resolve) => socket.once("data", (data) => resolve(String(data))));
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    await new Promise((resolve) => socket.once("close", resolve));
  });
});

describe("Express", () => {
  test("mounted at a path or at the root, what is not the receiver's goes on", async () => {
    for (const mount of ["/hooks", "/"]) {
      const { receiver, callback, take } = await opened();
      const app = express();
      app.use(mount, nodeHandler(receiver));
      app.use((_req, res) => res.end("the application"));
      const server = await serve(app);
      expect((await post(server, callback)).status).toBe(200);
      expect(take).toHaveBeenCalledOnce();
      expect(await (await fetch(`${server.origin}/other`)).text()).toBe("the application");
    }
  });

  test.each([
    ["raw", express.raw({ type: "*/*" })],
    ["text", express.text({ type: "*/*" })],
    ["json for other types", express.json({ type: "application/other" })],
  ])("HOOK-18: behind a parser that leaves the bytes: %s", async (_, parser) => {
    const { receiver, callback } = await opened();
    const app = express();
    app.use(parser);
    app.use(nodeHandler(receiver));
    const server = await serve(app);
    expect((await post(server, callback, event("e1", { text: "ä€𝄞" }))).status).toBe(200);
  });

  test("HOOK-18: behind express.json() every delivery is answered 500, and the log says why", async () => {
    const { receiver, callback, take } = await opened();
    const error = vi.fn();
    const app = express();
    app.use(express.json());
    app.use(nodeHandler(receiver, { logger: { error } }));
    const server = await serve(app);
    expect((await post(server, callback)).status).toBe(500);
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("before express.json()"));
    expect(take).not.toHaveBeenCalled();
    const document = await fetch(`${server.origin}/.well-known/mcp-webhook-receiver.json`);
    expect(document.status).toBe(200);
  });
});
