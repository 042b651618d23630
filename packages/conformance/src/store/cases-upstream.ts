import type { NewEntry } from "@mcp-events/ordering";
import { entry, equal, numbersOf, readAll, refused } from "./samples";
import type { StoreCase } from "./under-test";

const GROUP = "group";
const of = (before: string | null, ...numbers: number[]): NewEntry[] =>
  numbers.map((n) => entry(n, { audience: "[]", upstream: { group: GROUP, before } }));

/** What the log keeps of upstreams (ORDERING rule 6). */
export const upstreamCases: readonly StoreCase[] = [
  {
    id: "upstream-advance",
    title: "RULE-6 a group's cursor moves with its entries, from where it stands only",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      equal(await log.upstream(GROUP), undefined, "an unknown group");
      await log.append([], { upstream: { group: GROUP, from: undefined, to: null } });
      equal(await log.upstream(GROUP), { cursor: null, seq: 0 }, "a group that began");
      const appended = await log.append(of(null, 1, 2), { upstream: { group: GROUP, from: null, to: "b" } });
      equal(await log.upstream(GROUP), { cursor: "b", seq: appended[1]!.seq }, "after a batch");
      const move = (from: string | null | undefined, to: string) =>
        log.append(of(from ?? null, 9), { upstream: { group: GROUP, from, to } });
      await refused(() => move(null, "c"), "append_conflict", "from an older cursor");
      await refused(() => move(undefined, "c"), "append_conflict", "as if it were new");
      await refused(
        () => log.append([], { upstream: { group: "other", from: null, to: "c" } }),
        "append_conflict",
        "a group that is not there",
      );
      equal(numbersOf(await readAll(log)), [1, 2], "entries");
      await log.append([], { upstream: { group: GROUP, from: "b", to: "c" } });
      equal(await log.upstream(GROUP), { cursor: "c", seq: appended[1]!.seq }, "moved without entries");
    },
  },
  {
    id: "upstream-race",
    title: "RULE-6 of two appends from one cursor one is refused, whole",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append([], { upstream: { group: GROUP, from: undefined, to: "a" } });
      const tries = await Promise.allSettled(
        [1, 2].map(async (n) =>
          log.append(of("a", n), { upstream: { group: GROUP, from: "a", to: `b${n}` } }),
        ),
      );
      equal(tries.map(({ status }) => status).sort(), ["fulfilled", "rejected"], "outcomes");
      const winner = tries.findIndex(({ status }) => status === "fulfilled") + 1;
      equal(numbersOf(await readAll(log)), [winner], "entries");
      equal((await log.upstream(GROUP))?.cursor, `b${winner}`, "cursor");
    },
  },
  {
    id: "upstream-locate",
    title: "RULE-6 a cursor is found where its batch begins, and inside the batch after its event",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append([], { upstream: { group: GROUP, from: undefined, to: "a" } });
      const first = await log.append(of("a", 1, 2), { upstream: { group: GROUP, from: "a", to: "b" } });
      await log.append([entry(50)]);
      const second = await log.append(of("b", 3, 4), { upstream: { group: GROUP, from: "b", to: "c" } });
      const between = async (cursor: string, least: number, most: number) => {
        const at = await log.locate(GROUP, cursor);
        equal(at !== undefined && at >= least && at <= most, true, `cursor ${cursor} at ${at}`);
      };
      await between("a", 0, first[0]!.seq - 1);
      await between("b", first[1]!.seq, second[0]!.seq - 1);
      await between("c", second[1]!.seq, second[1]!.seq);
      equal(await log.locate(GROUP, "a", "event-1"), first[0]!.seq, "inside the first batch");
      equal(await log.locate(GROUP, "b", "event-4"), second[1]!.seq, "at the end of the second");
      equal(await log.locate(GROUP, "unknown"), undefined, "an unknown cursor");
      equal(await log.locate(GROUP, "a", "event-99"), undefined, "an unknown event");
      equal(await log.locate("other", "a"), undefined, "another group's cursor");
      equal(await log.locate("other", "a", "event-1"), undefined, "another group's event");
    },
  },
  {
    id: "upstream-duplicates",
    title: "RULE-6 a batch that repeats events moves the cursor, and none is appended again",
    needs: [],
    async run({ store }) {
      const log = await store.open("events");
      await log.append(of(null, 1, 2), { upstream: { group: GROUP, from: undefined, to: "a" } });
      const again = await log.append(of("a", 2, 3), { upstream: { group: GROUP, from: "a", to: "b" } });
      equal(
        again.map(({ duplicate }) => duplicate),
        [true, false],
        "duplicates",
      );
      equal(numbersOf(await readAll(log)), [1, 2, 3], "entries");
      equal(await log.upstream(GROUP), { cursor: "b", seq: again[1]!.seq }, "group");
    },
  },
];
