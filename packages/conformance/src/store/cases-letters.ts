import { equal, idsOf, letter, range } from "./samples";
import type { StoreCase } from "./under-test";

/** What is kept of events that were given up, and of clients' positions. */
export const letterCases: readonly StoreCase[] = [
  {
    id: "letter-once",
    title: "RULE-14 a dead letter written twice is one, the later, in its place; it comes back as it was",
    needs: [],
    async run({ store: { webhooks } }) {
      const { deadLetters } = webhooks;
      const { entry } = letter("1");
      const whole = letter("1", {
        entry: { ...entry, orderingKey: "key", meta: { trace: "t" }, redriveOf: "event-0" },
      });
      await deadLetters.add(whole);
      await deadLetters.add(letter("2"));
      await deadLetters.add({ ...whole, attempts: 6 });
      equal(await deadLetters.get("1"), { ...whole, attempts: 6 }, "letter");
      equal(await deadLetters.get("3"), undefined, "a letter that is not there");
      equal(idsOf(await deadLetters.page({ limit: 9 })), ["1", "2"], "page");
    },
  },
  {
    id: "letter-pages",
    title: "dead letters are paged oldest first, all or of one subscription, also while they are deleted",
    needs: [],
    async run({ store: { webhooks } }) {
      const { deadLetters } = webhooks;
      for (const n of range(7)) {
        await deadLetters.add(letter(`letter ${9 - n}`, { subscriptionId: n % 2 === 0 ? "sub_a" : "sub_b" }));
      }
      const page = async (more: object) =>
        idsOf(await deadLetters.page({ limit: 2, ...more })).map((id) => id.at(-1));
      equal(await page({}), ["9", "8"], "first");
      equal(await page({ after: "letter 8" }), ["7", "6"], "second");
      equal(await page({ subscriptionId: "sub_b" }), ["8", "6"], "of one subscription");
      equal(await page({ subscriptionId: "sub_b", after: "letter 6" }), ["4"], "its second");
      equal(await deadLetters.delete("letter 8"), true, "delete");
      equal(await deadLetters.delete("letter 8"), false, "delete again");
      equal(await page({ after: "letter 8" }), ["7", "6"], "after one that was deleted");
    },
  },
  {
    id: "letter-bound",
    title: "no more dead letters are kept than the store's bound; the oldest leave",
    needs: [],
    bounds: { maxDeadLetters: 5 },
    async run({ store: { webhooks } }) {
      const { deadLetters } = webhooks;
      for (const n of range(8)) await deadLetters.add(letter(`${n}`));
      equal(idsOf(await deadLetters.page({ limit: 99 })), ["3", "4", "5", "6", "7"], "kept");
    },
  },
  {
    id: "positions",
    title: "ORD-9 a position comes back as it was set last, each key its own",
    needs: ["positions"],
    async run({ positions }) {
      const store = positions!;
      equal(await store.get("a"), undefined, "before");
      const state = { log: "events", epoch: 5, through: 7, ahead: [[9, 12] as const] };
      await store.set("a", { version: 1, cursor: "one", recent: ["x", "y"] });
      await store.set("a", { version: 1, cursor: "två" });
      await store.set("b", { version: 1, cursor: "b", state });
      equal(await store.get("a"), { version: 1, cursor: "två" }, "a");
      equal(await store.get("b"), { version: 1, cursor: "b", state }, "b");
      await store.delete("a");
      await store.delete("a");
      equal(await store.get("a"), undefined, "after delete");
    },
  },
];
