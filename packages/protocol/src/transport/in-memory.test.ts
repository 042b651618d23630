import { afterEach, expect, test, vi } from "vitest";
import { inMemoryPair } from "./in-memory";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("delivers where a global function refuses to be a method, as in browsers and Workers", async () => {
  const original = queueMicrotask;
  vi.stubGlobal("queueMicrotask", function (this: unknown, deliver: () => void) {
    if (this !== undefined) throw new TypeError("Illegal invocation");
    original(deliver);
  });
  const { client, server } = inMemoryPair();
  const got = new Promise((resolve) => {
    server.onmessage = resolve;
  });
  await server.start();
  await client.send({ jsonrpc: "2.0", method: "ping" });
  await expect(got).resolves.toEqual({ jsonrpc: "2.0", method: "ping" });
});
