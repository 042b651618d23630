import { check, until } from "../transport/assert";
import { equal, idsOf, place, range, subscription } from "./samples";
import type { StoreCase } from "./under-test";

/** What is kept of webhook subscriptions. */
export const subscriptionCases: readonly StoreCase[] = [
  {
    id: "subscription-create",
    title: "HOOK-3 create adds a subscription with its place and its lease, and never replaces one",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      equal(await subscriptions.get("sub_a"), undefined, "before");
      const more = { expiresAt: 1_800_000_000_123, resequence: { window: 8, holdMs: 500 } };
      const givenUp = place(3, { givenUp: [5, 9], upstream: { group: "g", cursor: null, lastEventId: "e" } });
      const lease = await subscriptions.create(subscription("sub_a", more), givenUp, "one");
      check(lease !== undefined, "it was not created");
      const kept = await subscriptions.get("sub_a");
      equal(kept, { ...subscription("sub_a", more), revision: kept?.revision }, "record");
      check((kept?.revision ?? 0) > 0, "the record has no revision");
      equal(lease.subscription.revision, kept?.revision, "revision in the lease");
      equal(await subscriptions.place("sub_a"), givenUp, "place");
      const again = await subscriptions.create(subscription("sub_a"), place(0), "two");
      equal([again, await subscriptions.get("sub_a")], [undefined, kept], "a second create");
      check(await subscriptions.savePlace("sub_a", lease.token, place(4)), "its first owner was fenced");
    },
  },
  {
    id: "subscription-race",
    title: "ORD-6 of several creates at once one succeeds",
    needs: [],
    async run({ store: { webhooks } }) {
      const all = await Promise.all(
        range(8).map(async (n) =>
          webhooks.subscriptions.create(subscription("sub_a"), place(n), `owner ${n}`),
        ),
      );
      const won = all.flatMap((lease, n) => (lease === undefined ? [] : [n]));
      equal(won.length, 1, "creates that succeeded");
      equal(await webhooks.subscriptions.place("sub_a"), place(won[0]!), "place");
    },
  },
  {
    id: "subscription-put",
    title: "RULE-12 put replaces the record that was read, once; place and lease stay",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      const lease = await subscriptions.create(subscription("sub_a"), place(3), "one");
      const { token, subscription: first } = lease!;
      equal(await subscriptions.put(subscription("sub_b")), undefined, "put of one that is not there");
      equal(await subscriptions.put(subscription("sub_a")), undefined, "put without a revision");
      const revision = await subscriptions.put({ ...first, expiresAt: 5 });
      check(revision !== undefined && revision > first.revision!, "the revision does not grow");
      equal(await subscriptions.put({ ...first, expiresAt: 6 }), undefined, "put from the old revision");
      equal(await subscriptions.get("sub_a"), { ...first, expiresAt: 5, revision }, "record");
      equal(await subscriptions.place("sub_a"), place(3), "place");
      check(await subscriptions.savePlace("sub_a", token, place(4)), "its owner was fenced");
      equal(idsOf(await subscriptions.page(undefined, 9)), ["sub_a"], "page");
    },
  },
  {
    id: "subscription-guards",
    title: "RULE-12 a write with the token or the revision of before is refused, and nothing changes",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      const first = (await subscriptions.create(subscription("sub_a"), place(3), "one"))!;
      const second = (await subscriptions.lease("sub_a", "two", { takeOver: true }))!;
      const record = second.subscription;
      equal(record, first.subscription, "the record in a lease");
      equal(await subscriptions.put({ ...record, expiresAt: 5 }, first.token), undefined, "put, older token");
      equal(await subscriptions.delete("sub_a", { token: first.token }), false, "delete, older token");
      const revision = await subscriptions.put({ ...record, expiresAt: 6 }, second.token);
      equal(
        await subscriptions.delete("sub_a", { revision: record.revision }),
        false,
        "delete, older revision",
      );
      equal(
        await subscriptions.delete("sub_a", { revision: record.revision, token: second.token }),
        false,
        "delete, older revision with its token",
      );
      equal((await subscriptions.get("sub_a"))?.revision, revision, "revision");
      equal(await subscriptions.delete("sub_a", { revision, token: second.token }), true, "delete, as it is");
      equal(await subscriptions.get("sub_a"), undefined, "after");
    },
  },
  {
    id: "subscription-delete",
    title: "HOOK-17 delete forgets record, place and lease; tokens and revisions never come again",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      const first = (await subscriptions.create(subscription("sub_a"), place(3), "one"))!;
      equal(
        [await subscriptions.delete("sub_a"), await subscriptions.delete("sub_a")],
        [true, false],
        "deletes",
      );
      equal(
        [await subscriptions.get("sub_a"), await subscriptions.place("sub_a")],
        [undefined, undefined],
        "after",
      );
      equal(await subscriptions.savePlace("sub_a", first.token, place(4)), false, "a place after delete");
      equal(await subscriptions.lease("sub_a", "one"), undefined, "a lease after delete");
      const second = (await subscriptions.create(subscription("sub_a"), place(9), "two"))!;
      check(second.token > first.token, "a token came again");
      check(second.subscription.revision! > first.subscription.revision!, "a revision came again");
      equal(
        await subscriptions.savePlace("sub_a", first.token, place(4)),
        false,
        "a place by the first owner",
      );
      equal(
        await subscriptions.put({ ...first.subscription, expiresAt: 5 }),
        undefined,
        "put by the first owner",
      );
      equal(await subscriptions.place("sub_a"), place(9), "place");
    },
  },
  {
    id: "subscription-page",
    title: "pages come in the order of ids, whatever is created or deleted between them",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      const add = (id: string) => subscriptions.create(subscription(id), place(0), "one");
      for (const id of ["d", "B", "a", "c"]) await add(id);
      equal(idsOf(await subscriptions.page(undefined, 2)), ["B", "a"], "first page");
      await subscriptions.delete("a");
      await add("b");
      await add("A");
      equal(idsOf(await subscriptions.page("a", 2)), ["b", "c"], "second page");
      equal(idsOf(await subscriptions.page("c", 9)), ["d"], "third page");
      equal(idsOf(await subscriptions.page("d", 9)), [], "after the last");
    },
  },
  {
    id: "subscription-watch",
    title: "ORD-6 watch tells what was created, replaced, given back and deleted, until it is stopped",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      let told: string[] = [];
      const stop = subscriptions.watch((id) => told.push(id));
      const tells = async (id: string, what: string) => {
        await until(() => told.includes(id), `watch told of ${what}`);
        told = [];
      };
      const lease = (await subscriptions.create(subscription("sub_a"), place(0), "one"))!;
      await tells("sub_a", "create");
      await subscriptions.put({ ...lease.subscription, expiresAt: 5 });
      await tells("sub_a", "put");
      await subscriptions.release("sub_a", lease.token);
      await tells("sub_a", "release");
      await subscriptions.delete("sub_a");
      await tells("sub_a", "delete");
      stop();
      await subscriptions.create(subscription("sub_b"), place(0), "one");
      await new Promise((resolve) => setTimeout(resolve, 20));
      equal(told, [], "told after the end");
    },
  },
];
