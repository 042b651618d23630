import type { Subscription } from "@mcp-events/client";
import { describe, expect, it } from "vitest";
import { eventually } from "./support/app";
import { hookClient, receiverOf } from "./support/hook-client";
import { replicaSet } from "./support/replica-set";

/** Ordered for each author by webhook, and as a whole by push and poll. */
const KEYED = "note.created";
/** Ordered as a whole. */
const PLAIN = "hookonly.pinged";
const OWNER_TTL_MS = 3_000;
const FLAGS = [
  ...["--owner-ttl-ms", String(OWNER_TTL_MS)],
  ...["--heartbeat-ms", "500", "--webhook-retry-ms", "50", "--webhook-attempts", "50"],
  ...["--reauthorize-ms", "60000", "--log-level", "silent"],
];

type Client = Awaited<ReturnType<typeof hookClient>>;

/** Emits one event after the other, each until it is acknowledged; stops on request. */
function emitter({ callTool }: Client, who: string) {
  const ids: string[] = [];
  let over = false;
  const done = (async () => {
    while (!over) {
      const eventId = `${who}-${ids.length}`;
      const name = ids.length % 3 === 2 ? PLAIN : KEYED;
      const event = { name, eventId, data: { id: eventId, author: who, text: "hello" } };
      while (!(await callTool("emit", event).then(...yes)))
        await new Promise((resolve) => setTimeout(resolve, 50));
      ids.push(eventId);
    }
  })();
  return {
    ids,
    async stop() {
      over = true;
      await done;
    },
  };
}

const yes = [() => true, () => false] as const;

/** What a subscription yields: ids of events, and gaps by their reason. */
function collector(subscription: Subscription) {
  const seen: string[] = [];
  void (async () => {
    for await (const item of subscription)
      seen.push(item.kind === "event" ? item.eventId : `gap ${item.reason}`);
    seen.push("end");
  })();
  return seen;
}

describe("three replicas on a cluster of three", () => {
  it("ORD-6 ORD-1 ORD-2 ORD-3 ORD-4 ORD-8: while replicas and servers die in turn every client sees the log, once and in order", {
    timeout: 240_000,
  }, async () => {
    const set = await replicaSet(FLAGS);
    const receiver = await receiverOf({ ttlMs: 20_000 });
    const client = () => hookClient("v2-modern", { url: set.url }, receiver, { requestTimeoutMs: 5_000 });
    const clients = await Promise.all([client(), client(), client(), client()]);
    const subscribe = (index: number, name: string, delivery: "push" | "poll" | "webhook") =>
      clients[index]!.events.subscribe(name, {}, { delivery });
    const subscriptions = await Promise.all([
      subscribe(0, KEYED, "push"),
      subscribe(1, KEYED, "poll"),
      subscribe(2, PLAIN, "webhook"),
      subscribe(3, KEYED, "webhook"),
    ]);
    const seen = subscriptions.map(collector);
    const emitters = clients.slice(0, 3).map((one, index) => emitter(one, `w${index}`));
    const goesOn = async () => {
      const before = emitters.map(({ ids }) => ids.length);
      const enough = () => emitters.every(({ ids }, index) => ids.length >= before[index]! + 5);
      await eventually(async () => enough(), Boolean);
    };
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

    for (const [index, one] of set.replicas.entries()) {
      await goesOn();
      await one.end("SIGKILL");
      await goesOn();
      await one.start();
      const node = set.nodes[index]!;
      await node.kill();
      await goesOn();
      await node.start();
    }
    await goesOn();
    const [cut] = set.replicas;
    cut!.partition();
    await pause(2 * OWNER_TTL_MS);
    cut!.heal();
    await goesOn();
    for (const one of set.replicas) {
      await one.end("SIGTERM");
      await goesOn();
      await one.start();
    }
    await goesOn();
    await Promise.all(emitters.map((one) => one.stop()));

    const log = await set.log();
    const named = (name: string) => log.filter((entry) => entry.name === name).map(({ eventId }) => eventId);
    const authors = emitters.map((_, index) => `w${index}-`);
    const of = (author: string, ids: readonly string[]) => ids.filter((id) => id.startsWith(author));
    for (const [index, { ids }] of emitters.entries()) {
      expect(
        of(
          authors[index]!,
          log.map(({ eventId }) => eventId),
        ),
      ).toEqual(ids);
    }
    const expected = [named(KEYED), named(KEYED), named(PLAIN), named(KEYED)];
    await eventually(async () => seen.every((ids, index) => ids.length >= expected[index]!.length), Boolean);
    for (const index of [0, 1, 2]) expect(seen[index]).toEqual(expected[index]);
    expect(seen[3]).toHaveLength(expected[3]!.length);
    for (const author of authors) expect(of(author, seen[3]!)).toEqual(of(author, expected[3]!));
  });
});
