import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Subscription } from "@mcp-events/client";
import { memoryPositions } from "@mcp-events/ordering";
import { describe, expect, it, onTestFinished } from "vitest";
import { hookClient, receiverOf } from "./support/hook-client";
import { SDK_CLIENTS } from "./support/sdk-client";

const MAIN = join(import.meta.dirname, "..", "dist", "main.js");
const NAME = "note.created";
const note = { name: NAME, data: { id: "1", author: "ann", text: "hello" } };

/** The built program over HTTP; `port` 0 picks a free one. */
async function program(sdk: string, port: number): Promise<{ child: ChildProcess; url: string }> {
  const argv = ["--http", String(port), "--sdk", sdk, "--allow-loopback-webhooks", "--log-level", "silent"];
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, url: JSON.parse(line).url };
  }
  throw new Error("the program wrote nothing");
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, "close");
  child.kill("SIGKILL");
  await gone;
}

/** The next `count` items: numbers of events, and gaps by their reason. */
function reading(subscription: Subscription): (count: number) => Promise<unknown[]> {
  const iterator = subscription[Symbol.asyncIterator]();
  return async (count) => {
    const items: unknown[] = [];
    while (items.length < count) {
      const { value } = await iterator.next();
      items.push(value?.kind === "event" ? value.data.n : `gap ${value?.reason}`);
    }
    return items;
  };
}

describe("webhooks, the built program killed with SIGKILL", () => {
  it("ORD-7: a living client refreshes, reports the gap reset, and gets all of the new log", {
    timeout: 30_000,
  }, async () => {
    const first = await program("v2", 0);
    const receiver = await receiverOf({ ttlMs: 2_000 });
    const { events, callTool } = await hookClient("v2-modern", first, receiver);
    const subscription = await events.subscribe(NAME, {}, { delivery: "webhook" });
    const read = reading(subscription);
    await callTool("emit", { ...note, count: 3 });
    expect(await read(3)).toEqual([1, 2, 3]);

    await killed(first.child);
    const second = await program("v2", Number(new URL(first.url).port));
    expect(second.url).toBe(first.url);
    // Nobody is subscribed yet.
    await callTool("emit", { ...note, count: 2 });
    expect(await read(3)).toEqual(["gap reset", 1, 2]);
    await callTool("emit", { ...note, count: 4 });
    expect(await read(4)).toEqual([1, 2, 3, 4]);
    expect([subscription.mode, subscription.state]).toEqual(["webhook", "live"]);
  });

  it.each(["v1", "v2"])(
    "ORD-7 HOOK-3: a client that connects anew with its stored position has the same URL and the gap reset (sdk %s)",
    { timeout: 30_000 },
    async (sdk) => {
      const positions = memoryPositions();
      const receiver = await receiverOf();
      const first = await program(sdk, 0);
      const before = await hookClient("v1", first, receiver, { positions });
      const options = { id: "mine", delivery: "webhook" } as const;
      const read = reading(await before.events.subscribe(NAME, {}, options));
      await before.callTool("emit", { ...note, count: 3 });
      expect(await read(3)).toEqual([1, 2, 3]);
      const { webhooks: old } = (await before.callTool("webhooks", {})) as { webhooks: { id: string }[] };
      await killed(first.child);
      await before.events.close();

      const second = await program(sdk, Number(new URL(first.url).port));
      const after = await hookClient("v1", second, receiver, { positions });
      const again = reading(await after.events.subscribe(NAME, {}, options));
      const { webhooks } = (await after.callTool("webhooks", {})) as { webhooks: { id: string }[] };
      expect(webhooks.map(({ id }) => id)).toEqual(old.map(({ id }) => id));
      await after.callTool("emit", { ...note, count: 2 });
      expect(await again(3)).toEqual(["gap reset", 1, 2]);
    },
  );

  it("ORD-7: ticker.tick goes on from its upstream, without gap or repeat", { timeout: 30_000 }, async () => {
    const first = await program("v2", 0);
    const receiver = await receiverOf({ ttlMs: 2_000 });
    const { events } = await hookClient("v2-modern", first, receiver);
    const ticks = await events.subscribe("ticker.tick", { intervalMs: 200 }, { delivery: "webhook" });
    const read = reading(ticks);
    const seen = (await read(3)) as number[];
    await killed(first.child);
    await program("v2", Number(new URL(first.url).port));
    seen.push(...((await read(20)) as number[]));
    expect(seen).toEqual(seen.map((_, index) => seen[0]! + index));
  });
});

describe.each(["v1", "v2"])("webhooks, the built program on stdio, sdk %s", (sdk) => {
  const argv = [MAIN, "--stdio", "--sdk", sdk, "--allow-loopback-webhooks", "--log-level", "silent"];

  it.each(SDK_CLIENTS)(
    "HOOK-2 ORD-4: %s, the principal of the pipe subscribes, and changes the mode",
    async (line) => {
      const target = { args: [...argv, "--principal", "alice"] };
      const { events, callTool } = await hookClient(line, target, await receiverOf());
      const subscription = await events.subscribe(NAME, {}, { delivery: "webhook" });
      const read = reading(subscription);
      await callTool("emit", { ...note, count: 50 });
      expect(await read(5)).toEqual([1, 2, 3, 4, 5]);
      await subscription.switchTo("push");
      expect(await read(45)).toEqual(Array.from({ length: 45 }, (_, index) => index + 6));
      await subscription.switchTo("webhook");
      await callTool("emit", { ...note, count: 3 });
      expect(await read(3)).toEqual([1, 2, 3]);
    },
  );

  it("HOOK-2: nobody in particular is refused", async () => {
    const { events } = await hookClient("v2", { args: argv }, await receiverOf());
    await expect(events.subscribe(NAME, {}, { delivery: "webhook" })).rejects.toMatchObject({
      error: "Forbidden",
    });
  });
});
