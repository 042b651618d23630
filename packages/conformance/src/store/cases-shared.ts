import { check, until } from "../transport/assert";
import { entries, entry, equal, numbersOf, place, range, readAll, refused, subscription } from "./samples";
import type { StoreCase } from "./under-test";

/** What several processes on one store rely on (ORD-6). */
export const sharedCases: readonly StoreCase[] = [
  {
    id: "shared-log",
    title:
      "ORD-6 ORD-8 two processes append to one log: one order, which both read; what came first is first",
    needs: ["another"],
    async run({ store, another }) {
      equal(store.webhooks.shared, true, "shared");
      const other = await another!();
      const logs = [await store.open("events"), await other.open("events")] as const;
      equal(logs[0].salt, logs[1].salt, "salt");
      for (const n of range(10)) await logs[n % 2]!.append([entry(n)]);
      await Promise.all(range(50).map(async (n) => logs[n % 2]!.append([entry(10 + n)])));
      const head = Math.max(...(await Promise.all(logs.map(async (log) => (await log.head()).seq))));
      const reads: unknown[][] = [];
      for (const log of logs) {
        let seen = 0;
        await caughtUp(async () => (await log.head()).seq >= head);
        const read = await readAll(log);
        seen = read.length;
        equal(seen, 60, "entries");
        reads.push(numbersOf(read));
      }
      equal(reads[0], reads[1], "what both read");
      equal(reads[0]!.slice(0, 10), range(10), "appends one after the other");
    },
  },
  {
    id: "shared-watch",
    title: "ORD-6 a process is told of what another one appends",
    needs: ["another"],
    async run({ store, another }) {
      const log = await store.open("events");
      const told = new Set<string>();
      const stop = log.watch((names) => {
        for (const name of names) told.add(name);
      });
      const other = await (await another!()).open("events");
      await other.append(entries(1));
      await until(() => told.has("suite.event"), "the first process was told");
      equal(numbersOf(await readAll(log)), [0], "what it then reads");
      stop();
    },
  },
  {
    id: "shared-once",
    title: "RULE-2 RULE-6 an eventId and an upstream's cursor are one for all processes",
    needs: ["another"],
    async run({ store, another }) {
      const other = await another!();
      const [one, two] = [await store.open("events"), await other.open("events")];
      await one.append([entry(1)]);
      const [again] = await two.append([entry(1)]);
      equal(again!.duplicate, true, "duplicate");
      await one.append([], { upstream: { group: "g", from: undefined, to: "a" } });
      await refused(
        () => two.append([], { upstream: { group: "g", from: undefined, to: "b" } }),
        "append_conflict",
        "the second begin of a group",
      );
      const tries = await Promise.allSettled(
        range(6).map(async () =>
          (await Promise.all([one.append([entry(2)]), two.append([entry(2)])])).flat(),
        ),
      );
      check(
        tries.every(({ status }) => status === "fulfilled"),
        "an append of the same event failed",
      );
      equal(numbersOf(await readAll(two)), [1, 2], "entries");
    },
  },
  {
    id: "shared-subscriptions",
    title: "ORD-6 a process hears of subscriptions of another one, and gets no lease while that one lives",
    needs: ["another"],
    async run({ store, another }) {
      const mine = store.webhooks.subscriptions;
      const other = (await another!()).webhooks.subscriptions;
      const told: string[] = [];
      const stop = other.watch((id) => told.push(id));
      await mine.renew("one", 60_000);
      const lease = (await mine.create(subscription("sub_a"), place(1), "one"))!;
      await until(() => told.includes("sub_a"), "the other process was told");
      equal(await other.lease("sub_a", "two"), undefined, "a lease of the other process");
      const revision = await other.put(lease.subscription);
      check(revision !== undefined, "the other process could not refresh it");
      equal(await mine.put(lease.subscription), undefined, "put from the old revision");
      await mine.release("sub_a", lease.token);
      const next = (await other.lease("sub_a", "two"))!;
      check(next !== undefined && next.token > lease.token, "no lease after release");
      equal(await mine.savePlace("sub_a", lease.token, place(9)), false, "the first owner's place");
      equal(await mine.place("sub_a"), place(1), "place");
      stop();
    },
  },
];

async function caughtUp(isSo: () => Promise<boolean>): Promise<void> {
  let so = false;
  const looking = (async () => {
    while (!so) {
      so = await isSo();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  await Promise.race([looking, until(() => so, "a process caught up with another")]);
}
