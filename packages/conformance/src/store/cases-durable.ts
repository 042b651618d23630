import { check } from "../transport/assert";
import {
  entries,
  entry,
  equal,
  idsOf,
  letter,
  numbersOf,
  place,
  range,
  readAll,
  subscription,
} from "./samples";
import type { StoreCase } from "./under-test";

/** What survives the end of a process, by a store that says so (ORD-7). */
export const durableCases: readonly StoreCase[] = [
  {
    id: "durable-log",
    title: "ORD-7 what an append answered for is there after a crash, in order, once, in the same epoch",
    needs: ["reopen"],
    async run({ store, reopen }) {
      equal(store.durable, true, "durable");
      const log = await store.open("events");
      const appended = await log.append(entries(20));
      const before = await log.head();
      const again = await (await reopen!()).store.open("events");
      equal(await again.head(), before, "head");
      equal(again.salt, log.salt, "salt");
      const read = await readAll(again);
      equal(
        read.map(({ seq }) => seq),
        appended.map(({ seq }) => seq),
        "numbers",
      );
      const repeated = await again.append(entries(21));
      equal(
        repeated.map(({ duplicate }) => duplicate),
        range(21).map((n) => n < 20),
        "duplicates",
      );
      check(repeated[20]!.seq > before.seq, "a number came again");
      equal(numbersOf(await readAll(again)), range(21), "entries");
    },
  },
  {
    id: "durable-unanswered",
    title: "ORD-7 of appends that a crash cut off each is there whole or not at all, and the order holds",
    needs: ["reopen"],
    async run({ store, reopen }) {
      const log = await store.open("events");
      const answered = new Set<number>();
      const batch = (n: number) => [entry(3 * n), entry(3 * n + 1), entry(3 * n + 2)];
      const appending = range(100).map(async (n) => {
        await log.append(batch(n));
        answered.add(n);
      });
      await Promise.race(appending);
      const known = [...answered];
      const again = await (await reopen!()).store.open("events");
      await Promise.allSettled(appending);
      const read = numbersOf(await readAll(again));
      const whole = range(100).flatMap((n) => (read.includes(3 * n) ? [3 * n, 3 * n + 1, 3 * n + 2] : []));
      equal(read, whole, "entries");
      check(
        known.every((n) => read.includes(3 * n)),
        "an append that was answered is gone",
      );
    },
  },
  {
    id: "durable-hole",
    title: "ORD-7 RULE-4 a reader learns after a crash what retention took before it",
    needs: ["reopen"],
    bounds: { maxEntries: 10 },
    async run({ store, reopen }) {
      const log = await store.open("events");
      const appended = await log.append(entries(25));
      const again = await (await reopen!()).store.open("events");
      const page = await again.read({ after: appended[2]!.seq, limit: 100 });
      equal([numbersOf(page.entries), page.truncated], [range(25).slice(15), true], "page");
    },
  },
  {
    id: "durable-truncate",
    title: "RULE-1 numbers go on after a crash though every entry is gone",
    needs: ["reopen"],
    async run({ store, reopen }) {
      const log = await store.open("events");
      await log.append(entries(5));
      await log.truncate();
      const before = await log.head();
      const again = await (await reopen!()).store.open("events");
      equal(await again.head(), before, "head");
      const page = await again.read({ after: 0, limit: 5 });
      equal([page.entries.length, page.truncated], [0, true], "page");
      const [next] = await again.append(entries(1, 9));
      check(next!.seq > before.seq && next!.epoch === before.epoch, "a number came again");
    },
  },
  {
    id: "durable-upstream",
    title: "RULE-6 where an upstream stands is kept with its entries",
    needs: ["reopen"],
    async run({ store, reopen }) {
      const log = await store.open("events");
      const of = (before: string | null, n: number) => entry(n, { upstream: { group: "g", before } });
      const first = await log.append([of(null, 1)], { upstream: { group: "g", from: undefined, to: "a" } });
      const second = await log.append([of("a", 2)], { upstream: { group: "g", from: "a", to: "b" } });
      const again = await (await reopen!()).store.open("events");
      equal(await again.upstream("g"), { cursor: "b", seq: second[0]!.seq }, "group");
      const at = await again.locate("g", "a");
      check(at !== undefined && at >= first[0]!.seq && at < second[0]!.seq, `cursor a is at ${at}`);
      equal(await again.locate("g", "a", "event-2"), second[0]!.seq, "inside the batch");
    },
  },
  {
    id: "durable-webhooks",
    title: "ORD-7 HOOK-3 subscriptions, places, health and dead letters survive; nobody owns them any more",
    needs: ["reopen"],
    async run({ store, reopen, pass }) {
      const { subscriptions, deadLetters } = store.webhooks;
      await subscriptions.renew("one", 1_000);
      const lease = (await subscriptions.create(subscription("sub_a"), place(1), "one"))!;
      const settled = place(7, { givenUp: [9], health: { suspended: true, failedSince: 5 } });
      await subscriptions.savePlace("sub_a", lease.token, settled);
      await subscriptions.create(subscription("sub_b"), place(2), "one");
      await subscriptions.delete("sub_b");
      await deadLetters.add(letter("1"));
      const { webhooks } = (await reopen!()).store;
      equal(await webhooks.subscriptions.get("sub_a"), lease.subscription, "record");
      equal(await webhooks.subscriptions.place("sub_a"), settled, "place");
      equal(idsOf(await webhooks.subscriptions.page(undefined, 9)), ["sub_a"], "all");
      equal(await webhooks.deadLetters.get("1"), letter("1"), "dead letter");
      await pass(1_500);
      equal(idsOf(await webhooks.subscriptions.page(undefined, 9, { unowned: true })), ["sub_a"], "unowned");
      const next = (await webhooks.subscriptions.lease("sub_a", "two"))!;
      check(next.token > lease.token, "a token came again");
      equal(
        await webhooks.subscriptions.savePlace("sub_a", lease.token, place(9)),
        false,
        "the dead owner's place",
      );
      const revision = await webhooks.subscriptions.put(next.subscription);
      check(revision !== undefined && revision > lease.subscription.revision!, "a revision came again");
    },
  },
  {
    id: "durable-positions",
    title: "ORD-9 a position that was set is there after a crash",
    needs: ["reopen", "positions"],
    async run({ positions, reopen }) {
      await positions!.set("a", { version: 1, cursor: "one" });
      const again = await reopen!();
      equal(await again.positions!.get("a"), { version: 1, cursor: "one" }, "position");
    },
  },
];
