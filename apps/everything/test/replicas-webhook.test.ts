import { describe, expect, it, onTestFinished } from "vitest";
import { removeAll } from "../../../packages/store-nats/src/testing/fixtures";
import { testServer } from "../../../packages/store-nats/src/testing/nats-server";
import { connect, eventually } from "./support/app";
import { Hook, secretOf } from "./support/hook";
import { callTool, type Peer } from "./support/json-rpc";
import { replica } from "./support/replica";

const NAME = "hookonly.pinged";
const FLAGS = ["--webhook-retry-ms", "50", "--reauthorize-ms", "60000", "--log-level", "silent"];
const count = (to: number, from = 1) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Replicas on one store, and an endpoint; all for the length of the test. */
async function started(ownerTtlMs: number, number: number) {
  const server = await testServer();
  onTestFinished(() => server.close());
  const prefix = `test-${crypto.randomUUID()}`;
  onTestFinished(() => removeAll(server.url, prefix));
  const replicas = count(number).map(() =>
    replica(`${server.url}?prefix=${prefix}`, [...FLAGS, "--owner-ttl-ms", String(ownerTtlMs)]),
  );
  for (const one of replicas) {
    onTestFinished(() => one.end("SIGKILL"));
    await one.start();
  }
  const hook = await Hook.listen();
  const peer = async (index: number) => connect(`${replicas[index]!.url}/mcp`, { token: "alice-token" });
  return { replicas, hook, peer };
}

const subscribe = (peer: Peer, hook: Hook, letter = "a") =>
  peer.request("events/subscribe", {
    name: NAME,
    delivery: { mode: "webhook", url: hook.url(), secret: secretOf(letter) },
  });
const emit = (peer: Peer, n: number) => callTool(peer, "emit", { name: NAME, data: { n } });
const owned = async (peer: Peer) => ((await callTool(peer, "webhooks", {})).webhooks as unknown[]).length;

describe("webhooks of several replicas", { timeout: 90_000 }, () => {
  it("ORD-6 RULE-12: one replica posts, whichever emits; any refreshes and ends the subscription", async () => {
    const { hook, peer } = await started(60_000, 3);
    const peers = [await peer(0), await peer(1), await peer(2)] as const;
    const first = await subscribe(peers[0], hook);
    expect(first.error).toBeUndefined();
    for (const n of count(12)) await emit(peers[n % 3]!, n);
    expect(await hook.numbers(12)).toEqual(count(12));
    const again = await subscribe(peers[1], hook, "b");
    expect(again.result.id).toBe(first.result.id);
    for (const n of count(20, 13)) await emit(peers[n % 3]!, n);
    expect(await hook.numbers(8)).toEqual(count(20, 13));
    await eventually(
      () => owned(peers[0]),
      (found) => found === 1,
    );
    expect([await owned(peers[1]), await owned(peers[2])]).toEqual([0, 0]);
    const ended = await peers[2].request("events/unsubscribe", { name: NAME, delivery: { url: hook.url() } });
    expect(ended.error).toBeUndefined();
    await eventually(
      () => owned(peers[0]),
      (found) => found === 0,
    );
    await emit(peers[0], 99);
    const probe = await subscribe(peers[1], hook);
    expect(probe.error).toBeUndefined();
    await emit(peers[2], 100);
    expect(await hook.numbers(1)).toEqual([100]);
    expect(hook.posts).toHaveLength(21);
  });

  it("ORD-6: what a killed replica owned is posted by another one after its time, without loss", async () => {
    const { replicas, hook, peer } = await started(2_000, 2);
    await subscribe(await peer(0), hook);
    const other = await peer(1);
    await emit(other, 1);
    expect(await hook.numbers(1)).toEqual([1]);
    await replicas[0]!.end("SIGKILL");
    for (const n of count(5, 2)) await emit(other, n);
    const seen: unknown[] = [];
    while (seen.at(-1) !== 5) seen.push(...(await hook.numbers(1)));
    // What was accepted just before the kill may come again, and first.
    expect(seen.filter((n) => n !== 1)).toEqual(count(5, 2));
    expect([0, 1]).toContain(seen.lastIndexOf(1) + 1);
    expect(await owned(other)).toBe(1);
  });

  it("ORD-6: a replica that ends in order hands over at once: nobody waits for its time to run out", async () => {
    const { replicas, hook, peer } = await started(60_000, 2);
    await subscribe(await peer(0), hook);
    const other = await peer(1);
    await emit(other, 1);
    expect(await hook.numbers(1)).toEqual([1]);
    await replicas[0]!.end("SIGTERM");
    for (const n of count(5, 2)) await emit(other, n);
    expect(await hook.numbers(4)).toEqual(count(5, 2));
  });
});
