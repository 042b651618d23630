import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "./support/app";
import { Hook, secretOf, verified } from "./support/hook";
import { hookClient, receiverOf } from "./support/hook-client";
import { callTool, type Peer, type Raw, result } from "./support/json-rpc";

const MAIN = join(import.meta.dirname, "..", "dist", "main.js");
const NAME = "note.created";
const NOTE = { id: "1", author: "ann", text: "hello" };
const SECRET = secretOf("a");
const range = (count: number, first = 1) => Array.from({ length: count }, (_, n) => first + n);

/** A file that the program keeps everything in, for the length of the test. */
function dataFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "everything-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "events.db");
}

interface Program {
  readonly child: ChildProcess;
  readonly peer: Peer;
  readonly url: string;
}

/** The built program with `--data`, and a peer who is alice; port 0 picks a free one. */
async function program(data: string, sdk = "v2", port = 0): Promise<Program> {
  const argv = ["--http", String(port), "--sdk", sdk, "--data", data, "--allow-loopback-webhooks"];
  const child = spawn(process.execPath, [MAIN, ...argv, "--webhook-retry-ms", "20"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line);
    const dialect = sdk === "v1" ? "session" : "modern";
    return { child, url, peer: await connect(url, { token: "alice-token", dialect }) };
  }
  throw new Error("the program wrote nothing");
}

async function killed({ child }: Program): Promise<void> {
  const gone = once(child, "close");
  child.kill("SIGKILL");
  await gone;
}

const emit = (peer: Peer, n: number) => callTool(peer, "emit", { name: NAME, data: { ...NOTE, n } });

/** Polls from a cursor to the end: numbers, and whether anything was truncated. */
async function polled(peer: Peer, from: string): Promise<{ numbers: unknown[]; truncated: boolean }> {
  const numbers: unknown[] = [];
  let truncated = false;
  for (let cursor = from; ; ) {
    const page = await result(peer, "events/poll", { name: NAME, cursor });
    numbers.push(...page.events.map(({ data }: Raw) => data.n));
    truncated ||= page.truncated;
    if (!page.hasMore) return { numbers, truncated };
    cursor = page.cursor;
  }
}

describe.each(["v1", "v2"])("--data, killed with SIGKILL, sdk %s", (sdk) => {
  it("ORD-7: nothing that emit answered for is lost, in order, and a cursor goes on without a gap", {
    timeout: 60_000,
  }, async () => {
    const data = dataFile();
    const answered: number[] = [];
    let cursor: string | undefined;
    let n = 0;
    for (const ms of [30, 120, 300]) {
      const running = await program(data, sdk);
      cursor ??= (await result(running.peer, "events/poll", { name: NAME })).cursor as string;
      const dying = new Promise<void>((resolve) => {
        setTimeout(() => void killed(running).then(resolve), ms);
      });
      for (let alive = true; alive; ) {
        n += 1;
        alive = await emit(running.peer, n).then(
          () => answered.push(n) > 0,
          () => false,
        );
      }
      await dying;
    }
    const { peer } = await program(data, sdk);
    const { numbers, truncated } = await polled(peer, cursor!);
    expect(truncated).toBe(false);
    expect(numbers).toEqual([...(numbers as number[])].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(answered.filter((one) => !numbers.includes(one))).toEqual([]);
    expect(answered.length).toBeGreaterThan(3);
  });

  it("ORD-7 HOOK-6: without its client a webhook subscription goes on where it stood, without an end", {
    timeout: 60_000,
  }, async () => {
    const data = dataFile();
    const hook = await Hook.listen();
    const first = await program(data, sdk);
    const delivery = { mode: "webhook", url: hook.url(), secret: SECRET };
    const asked = await result(first.peer, "events/subscribe", { name: NAME, delivery, ttlMs: null });
    expect(asked.refreshBefore).toBeNull();
    for (const n of range(3)) await emit(first.peer, n);
    expect(await hook.numbers(3)).toEqual([1, 2, 3]);
    hook.answering = () => "held";
    for (const n of range(3, 4)) await emit(first.peer, n);
    expect(await hook.numbers(1)).toEqual([4]);
    await killed(first);

    hook.answering = () => undefined;
    const second = await program(data, sdk);
    expect(await hook.numbers(3)).toEqual([4, 5, 6]);
    await emit(second.peer, 7);
    const last = await hook.next();
    expect(last.body.data.n).toBe(7);
    verified(SECRET, last);
    expect(hook.challenges).toHaveLength(1);
    const { webhooks } = await callTool(second.peer, "webhooks", {});
    expect(webhooks).toMatchObject([{ id: asked.id, expiresAt: null }]);
  });
});

describe("--data", () => {
  it.each(["push", "poll", "webhook"] as const)(
    "ORD-7 ORD-2: a living client in mode %s goes on where it stood, without a gap or a repeat",
    { timeout: 60_000 },
    async (delivery) => {
      const data = dataFile();
      const first = await program(data);
      const { events } = await hookClient("v2-modern", first, await receiverOf({ ttlMs: 2_000 }));
      const subscription = await events.subscribe(NAME, {}, { delivery });
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const item of subscription) {
          seen.push(item.kind === "event" ? item.data.n : `gap ${item.reason}`);
          if (seen.length === 8) return;
        }
      })();
      for (const n of range(4)) await emit(first.peer, n);
      await killed(first);
      const second = await program(data, "v2", Number(new URL(first.url).port));
      for (const n of range(4, 5)) await emit(second.peer, n);
      await reading;
      expect(seen).toEqual(range(8));
      await events.close();
    },
  );

  it("HOOK-13 HOOK-17: a suspension survives a restart, and so does an unsubscribe", {
    timeout: 60_000,
  }, async () => {
    const data = dataFile();
    const hook = await Hook.listen();
    const first = await program(data);
    const of = (path: string) => ({ mode: "webhook", url: hook.url(path), secret: SECRET });
    const kept = await result(first.peer, "events/subscribe", { name: NAME, delivery: of("/kept") });
    await result(first.peer, "events/subscribe", { name: NAME, delivery: of("/gone") });
    await result(first.peer, "events/unsubscribe", { name: NAME, delivery: of("/gone") });
    await callTool(first.peer, "suspend", { id: kept.id });
    await emit(first.peer, 1);
    await killed(first);

    const { peer } = await program(data);
    const ids = async () => (await callTool(peer, "webhooks", {})).webhooks;
    while ((await ids()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await ids()).toMatchObject([{ id: kept.id, status: { active: false } }]);
    expect(hook.posts).toEqual([]);
    await callTool(peer, "resume", { id: kept.id });
    expect(await hook.numbers(1)).toEqual([1]);
  });

  it("a file that another program has open is refused with what to do", async () => {
    const data = dataFile();
    await program(data);
    const child = spawn(process.execPath, [MAIN, "--http", "0", "--data", data], { stdio: "pipe" });
    onTestFinished(() => void child.kill("SIGKILL"));
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(child, "close");
    expect([code, stderr]).toEqual([1, expect.stringContaining("another process")]);
  });
});
