import { check } from "../transport/assert";
import { equal, idsOf, place, subscription } from "./samples";
import type { StoreCase } from "./under-test";

const TTL_MS = 2_000;

/** Who owns a subscription (ORDERING rule 12). */
export const leaseCases: readonly StoreCase[] = [
  {
    id: "lease-fences",
    title: "RULE-12 each lease has a greater token, and the places of earlier ones are refused",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      const first = (await subscriptions.create(subscription("sub_a"), place(1), "one"))!;
      const again = (await subscriptions.lease("sub_a", "one"))!;
      const other = (await subscriptions.lease("sub_a", "two", { takeOver: true }))!;
      check(again.token > first.token && other.token > again.token, "tokens do not grow");
      for (const { token } of [first, again]) {
        equal(await subscriptions.savePlace("sub_a", token, place(9)), false, "an earlier owner's place");
      }
      equal(await subscriptions.place("sub_a"), place(1), "place");
      const health = {
        suspended: true,
        lastDeliveryAt: 5,
        lastError: "timeout" as const,
        failedSince: 7,
        window: { since: 1, attempts: 3, failures: 2 },
      };
      equal(
        await subscriptions.savePlace("sub_a", other.token, place(2, { health })),
        true,
        "the owner's place",
      );
      equal(await subscriptions.place("sub_a"), place(2, { health }), "the owner's place and health");
      await subscriptions.create(subscription("sub_b"), place(1), "one");
      equal(await subscriptions.savePlace("sub_b", other.token, place(9)), false, "with another one's token");
    },
  },
  {
    id: "lease-excludes",
    title: "ORD-6 while its owner lives nobody else gets a lease; when its time ran out, anybody does",
    needs: [],
    async run({ store: { webhooks }, pass }) {
      const { subscriptions } = webhooks;
      equal(await subscriptions.renew("one", TTL_MS), true, "first renewal");
      const first = (await subscriptions.create(subscription("sub_a"), place(1), "one"))!;
      equal(await subscriptions.lease("sub_a", "two"), undefined, "a lease while the owner lives");
      await pass(TTL_MS / 2);
      equal(await subscriptions.renew("one", TTL_MS), true, "renewal in time");
      await pass(TTL_MS / 2 + 200);
      equal(await subscriptions.lease("sub_a", "two"), undefined, "a lease after a renewal");
      equal(idsOf(await subscriptions.page(undefined, 9, { unowned: true })), [], "unowned");
      await pass(TTL_MS);
      equal(
        await subscriptions.savePlace("sub_a", first.token, place(2)),
        true,
        "a late place that nobody minds",
      );
      equal(idsOf(await subscriptions.page(undefined, 9, { unowned: true })), ["sub_a"], "unowned, later");
      const second = await subscriptions.lease("sub_a", "two");
      check(second !== undefined && second.token > first.token, "no lease after the owner's time");
      equal(await subscriptions.savePlace("sub_a", first.token, place(3)), false, "the first owner's place");
      equal(await subscriptions.place("sub_a"), place(2), "place");
      equal(await subscriptions.renew("one", TTL_MS), false, "renewal too late");
    },
  },
  {
    id: "lease-release",
    title: "ORD-6 what is given back can be leased at once; only the latest lease can be given back",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      for (const owner of ["one", "two"]) await subscriptions.renew(owner, 60_000);
      const first = (await subscriptions.create(subscription("sub_a"), place(1), "one"))!;
      await subscriptions.release("sub_a", first.token);
      const second = (await subscriptions.lease("sub_a", "two"))!;
      check(second !== undefined, "no lease after release");
      await subscriptions.release("sub_a", first.token);
      equal(
        await subscriptions.lease("sub_a", "one"),
        undefined,
        "a lease after an older one was given back",
      );
      await subscriptions.release("sub_b", 1);
    },
  },
  {
    id: "lease-retire",
    title: "ORD-6 an owner that retires gives back all it has, and nothing of others",
    needs: [],
    async run({ store: { webhooks } }) {
      const { subscriptions } = webhooks;
      for (const owner of ["one", "two", "three"]) await subscriptions.renew(owner, 60_000);
      for (const id of ["a", "b"]) await subscriptions.create(subscription(id), place(1), "one");
      await subscriptions.create(subscription("c"), place(1), "two");
      await subscriptions.retire("one");
      equal(idsOf(await subscriptions.page(undefined, 9, { unowned: true })), ["a", "b"], "unowned");
      equal(idsOf(await subscriptions.page("a", 9, { unowned: true })), ["b"], "unowned, second page");
      check((await subscriptions.lease("a", "three")) !== undefined, "no lease of a");
      equal(await subscriptions.lease("c", "three"), undefined, "a lease of c");
      equal(await subscriptions.renew("one", 60_000), true, "it may begin again");
    },
  },
];
