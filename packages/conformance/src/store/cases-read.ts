import { check } from "../transport/assert";
import { entries, entry, equal, numbersOf, range, readAll } from "./samples";
import type { StoreCase } from "./under-test";

/** What reading promises, and what retention does to it. */
export const readCases: readonly StoreCase[] = [
  {
    id: "read-pages",
    title: "a page goes on where the one before ended, and says how far it looked",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      const appended = await log.append(entries(25));
      const first = await log.read({ after: 0, limit: 10 });
      equal([first.from, first.through, first.truncated], [0, appended[9]!.seq, false], "first page");
      equal(first.head, appended[24]!.seq, "head");
      const rest = await log.read({ after: first.through, limit: 100 });
      equal(numbersOf(rest.entries), range(25).slice(10), "rest");
      check(rest.through === rest.head, "the last page does not reach the head");
      const nothing = await log.read({ after: rest.head, limit: 5 });
      equal(
        [nothing.entries.length, nothing.through, nothing.truncated],
        [0, rest.head, false],
        "at the head",
      );
      const exact = await log.read({ after: 0, limit: 25 });
      equal([exact.entries.length, exact.through], [25, exact.head], "a page of all");
    },
  },
  {
    id: "read-ahead",
    title: "RULE-3 a place ahead of the head is answered empty and stays where it is",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append(entries(3));
      const { seq } = await log.head();
      const page = await log.read({ after: seq + 100, limit: 5 });
      equal([page.entries.length, page.through, page.truncated], [0, seq + 100, false], "page");
    },
  },
  {
    id: "read-names",
    title: "reading some event types skips the others, and moves past them",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append(range(90).map((n) => entry(n, { name: ["a", "b", "c"][n % 3]! })));
      const a = await log.read({ after: 0, names: ["a"], limit: 100 });
      equal(
        numbersOf(a.entries),
        range(30).map((n) => 3 * n),
        "entries of a",
      );
      check(a.through === a.head, "reading a does not reach the head");
      const both: unknown[] = [];
      for (let after = 0, head = 1; after < head; ) {
        const page = await log.read({ after, names: ["b", "c"], limit: 7 });
        both.push(...numbersOf(page.entries));
        [after, head] = [page.through, page.head];
      }
      equal(
        both,
        range(90).filter((n) => n % 3 !== 0),
        "entries of b and c, in order",
      );
      const none = await log.read({ after: 0, names: ["d"], limit: 5 });
      equal([none.entries.length, none.through], [0, none.head], "entries of d");
    },
  },
  {
    id: "retention-entries",
    title: "RULE-4 what is over maxEntries is gone, and a page that would span the hole is truncated",
    needs: [],
    bounds: { maxEntries: 10 },
    async run({ store }) {
      const log = await store.open("events");
      const appended = await log.append(entries(8));
      const kept = await log.read({ after: appended[1]!.seq, limit: 3 });
      equal([numbersOf(kept.entries), kept.truncated], [[2, 3, 4], false], "before");
      await log.append(entries(12, 8));
      equal((await log.size()).entries, 10, "size");
      const page = await log.read({ after: kept.through, limit: 100 });
      check(page.truncated && page.from > kept.through, "the page does not say truncated");
      equal(numbersOf(page.entries), range(20).slice(10), "entries");
      const from = await log.read({ after: page.from, limit: 100 });
      check(!from.truncated, "a page from where the hole ends is truncated");
      equal(numbersOf(from.entries), range(20).slice(10), "entries from the hole's end");
    },
  },
  {
    id: "retention-age",
    title: "RULE-4 what is older than maxAgeMs is gone, the newest included; numbers go on",
    needs: [],
    bounds: { maxAgeMs: 2_000 },
    async run({ store, pass }) {
      const log = await store.open("events");
      const [old] = await log.append(entries(1));
      await pass(2_500);
      const page = await log.read({ after: 0, limit: 10 });
      equal([page.entries.length, page.truncated, page.through], [0, true, old!.seq], "page");
      equal((await log.size()).entries, 0, "size");
      const [next] = await log.append(entries(1, 1));
      check(next!.seq > old!.seq, "a number came again");
      const [same] = await log.append(entries(1));
      equal(same!.duplicate, false, "an eventId that is gone is free again");
    },
  },
  {
    id: "retention-names",
    title: "RULE-4 a reader of one event type is not told of holes in others",
    needs: [],
    bounds: { maxEntries: 10 },
    async run({ store }) {
      const log = await store.open("events");
      const [first] = await log.append([entry(0, { name: "rare" })]);
      await log.append(entries(9, 1));
      await log.append([entry(10, { name: "rare" }), ...entries(8, 11)]);
      const page = await log.read({ after: first!.seq, names: ["rare"], limit: 10 });
      equal([numbersOf(page.entries), page.truncated], [[10], false], "page of the rare type");
      const all = await log.read({ after: first!.seq, limit: 100 });
      check(all.truncated, "a reader of all is not told");
    },
  },
  {
    id: "truncate",
    title: "truncate forgets everything so far, and numbers go on",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append(entries(5));
      const before = await log.head();
      await log.truncate();
      equal([await log.head(), (await log.size()).entries], [before, 0], "head and size");
      const page = await log.read({ after: 0, limit: 5 });
      equal([page.entries.length, page.truncated, page.through], [0, true, before.seq], "page");
      const [next] = await log.append(entries(1, 5));
      check(next!.seq > before.seq, "a number came again");
      equal(numbersOf((await log.read({ after: before.seq, limit: 5 })).entries), [5], "entries");
    },
  },
  {
    id: "seq-before",
    title: "seqBefore finds the last entry before a time; append times never go back",
    needs: [],
    async run({ store, pass }) {
      const log = await store.open("events");
      equal(await log.seqBefore(Date.now() + 1e9), 0, "in an empty log");
      await log.append(entries(3));
      await pass(1_000);
      await log.append(entries(3, 3));
      const read = await readAll(log);
      const [third, fourth] = [read[2]!, read[3]!];
      check(fourth.appendedAt > third.appendedAt, "time did not pass for the store");
      check(
        read.every((one, index) => index === 0 || one.appendedAt >= read[index - 1]!.appendedAt),
        "append times go back",
      );
      equal(await log.seqBefore(read[0]!.appendedAt), 0, "before all");
      equal(await log.seqBefore(fourth.appendedAt), third.seq, "in between");
      equal(await log.seqBefore(fourth.appendedAt + 60_000), read[5]!.seq, "after all");
    },
  },
];
