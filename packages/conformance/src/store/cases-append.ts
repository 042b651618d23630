import type { Appended } from "@mcp-events/ordering";
import { check, until } from "../transport/assert";
import { entries, entry, equal, numbersOf, range, readAll, refused } from "./samples";
import type { StoreCase } from "./under-test";

const ascends = (all: readonly { readonly seq: number }[]) =>
  all.every(({ seq }, index) => index === 0 || seq > all[index - 1]!.seq);

/** What appends promise. */
export const appendCases: readonly StoreCase[] = [
  {
    id: "append-order",
    title: "RULE-1 entries get growing numbers in the order given, and are read in it",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      const before = await log.head();
      equal(before.seq, 0, "head of an empty log");
      const first = await log.append(entries(50));
      const second = await log.append(entries(50, 50));
      const appended = [...first, ...second];
      check(ascends(appended) && appended[0]!.seq > 0, "numbers do not grow");
      equal([...new Set(appended.map(({ epoch }) => epoch))], [before.epoch], "epochs");
      const read = await readAll(log);
      equal(numbersOf(read), range(100), "entries");
      equal(
        read.map(({ seq }) => seq),
        appended.map(({ seq }) => seq),
        "numbers read",
      );
      equal(await log.head(), { epoch: before.epoch, seq: appended.at(-1)!.seq }, "head");
      equal((await log.size()).entries, 100, "size");
      check((await log.size()).bytes > 0, "the log has no bytes");
    },
  },
  {
    id: "append-whole",
    title: "an entry is read as it was given",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      const text = 'späť 東京 👩‍👩‍👧 \u2028\u0000 "\\';
      const given = [
        entry(1, {
          data: { text, deep: { list: [1, 1.5, null, true, { a: [] }] }, big: 2 ** 53 - 1 },
          orderingKey: text,
          audience: `["ann","suite.event",{"text":${JSON.stringify(text)}}]`,
          meta: { traceparent: "00-1-2-01" },
          upstream: { group: "group", before: null },
          redriveOf: "event-0",
          eventId: text,
        }),
        entry(2, { kind: "gap", name: "suite.other", data: {}, upstream: { group: "group", before: "c" } }),
        entry(3, { orderingKey: "" }),
      ];
      await log.append(given);
      const read = await readAll(log);
      for (const [index, { seq: _, appendedAt, bytes, ...rest }] of read.entries()) {
        check(appendedAt > 0 && bytes > 0, "appendedAt or bytes is missing");
        const { dataBytes: __, ...kept } = rest;
        equal(kept, given[index], `entry ${index}`);
      }
    },
  },
  {
    id: "append-atomic",
    title: "a batch is appended whole or not at all",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append([entry(0)]);
      const before = await log.head();
      const batch = [entry(1), entry(2), entry(3, { eventId: "event-0", audience: "[]" })];
      await refused(() => log.append(batch), "event_id_conflict", "the batch");
      equal(await log.head(), before, "head");
      equal(numbersOf(await readAll(log)), [0], "entries");
      const [again] = await log.append([entry(1)]);
      check(again?.duplicate === false, "an entry of the refused batch is known");
    },
  },
  {
    id: "append-idempotent",
    title: "RULE-2 an eventId is appended once within its audience, also twice in one batch",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      const [first] = await log.append([entry(1)]);
      const again = await log.append([entry(1, { data: { n: "changed" } }), entry(2), entry(2)]);
      equal(
        again.map(({ duplicate }) => duplicate),
        [true, false, true],
        "duplicates",
      );
      equal([again[0]!.seq, again[2]!.seq], [first!.seq, again[1]!.seq], "numbers of the duplicates");
      const narrow = ["a", "b"].map((audience) => entry(3, { audience, eventId: "narrow" }));
      const appended = await log.append([...narrow, ...narrow]);
      equal(
        appended.map(({ duplicate }) => duplicate),
        [false, false, true, true],
        "duplicates for two audiences",
      );
      equal(numbersOf(await readAll(log)), [1, 2, 3, 3], "entries");
    },
  },
  {
    id: "append-conflict",
    title:
      "RULE-2 an eventId for everybody is refused for a narrower audience, the reverse, and another type",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append([entry(1), entry(2, { audience: "a" })]);
      const refuse = (more: Parameters<typeof entry>, what: string) =>
        refused(() => log.append([entry(...more)]), "event_id_conflict", what);
      await refuse([1, { audience: "a" }], "narrower");
      await refuse([2], "broader");
      await refuse([1, { name: "suite.other" }], "another type");
      await refuse([2, { audience: "a", name: "suite.other" }], "another type, narrow");
      equal(numbersOf(await readAll(log)), [1, 2], "entries");
    },
  },
  {
    id: "append-concurrent",
    title: "ORD-8 appends keep the order of their calls though nobody waits, and none is lost",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      const all = await Promise.all(
        range(200).map(
          async (n): Promise<readonly Appended[]> => log.append([entry(2 * n), entry(2 * n + 1)]),
        ),
      );
      check(ascends(all.flat()), "calls overtook each other");
      equal(numbersOf(await readAll(log, 0, 77)), range(400), "entries");
    },
  },
  {
    id: "append-visible",
    title: "RULE-1 whoever reads while others append sees no number appear before a lower one",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      let over = false;
      const appending = (async () => {
        for (const n of range(60))
          await Promise.all(range(4).map(async (k) => log.append([entry(4 * n + k)])));
        over = true;
      })();
      const seen: unknown[] = [];
      let after = 0;
      let done = false;
      while (!done) {
        done = over;
        const page = await log.read({ after, limit: 16 });
        done &&= page.through === page.head;
        seen.push(...numbersOf(page.entries));
        after = page.through;
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      await appending;
      equal(seen, range(240), "entries as they were seen");
    },
  },
  {
    id: "append-watch",
    title: "watch tells of each append with its event types, until it is stopped",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      const told: string[] = [];
      const stop = log.watch((names) => told.push(...names));
      const stopOther = log.watch(() => {
        throw new Error("a listener's failure is its own");
      });
      await log.append([entry(1), entry(2, { name: "suite.other" })]);
      await until(() => told.includes("suite.event") && told.includes("suite.other"), "both names were told");
      stop();
      stopOther();
      const before = told.length;
      await log.append([entry(3)]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      equal(told.length, before, "names told after the end");
    },
  },
  {
    id: "logs-apart",
    title: "logs of different names are apart; the same name is the same log",
    needs: [],
    async run({ store }) {
      const [one, other, again] = [
        await store.open("one"),
        await store.open("other"),
        await store.open("one"),
      ];
      await one.append([entry(1)]);
      await other.append([entry(1), entry(2)]);
      equal(numbersOf(await readAll(again)), [1], "entries of one");
      equal(numbersOf(await readAll(other)), [1, 2], "entries of the other");
      equal([one.name, other.name], ["one", "other"], "names");
      check(one.salt.length >= 16 && one.salt === again.salt && one.salt !== other.salt, "salts");
    },
  },
];
