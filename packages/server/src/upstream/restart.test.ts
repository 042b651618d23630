import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { ordering } from "../testing/fake-host";
import { change, FakeUpstream } from "../testing/fake-upstream";
import { numbers, setup, turns } from "../testing/setup";

const name = change.name;
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, index) => from + index);

/** A server process whose log dies with it, on an upstream that lives on. */
function start(upstream: FakeUpstream, clock = new ManualClock()) {
  const server = setup({}, clock);
  server.events.register(change, { check: upstream.check, checkMs: 1_000 });
  return server;
}

describe("restart of a check-backed type on a log that died", () => {
  it("ORD-7 rule 6: an old cursor goes on from the upstream: nothing lost, nothing twice, truncated false", async () => {
    const upstream = new FakeUpstream();
    const before = start(upstream);
    const { cursor } = await before.host.poll({ name });
    upstream.happen(3);
    await before.clock.advance(1_000);
    const first = await before.host.poll({ name, cursor });
    expect(numbers(first.events)).toEqual([1, 2, 3]);
    const { epoch } = ordering(first) as { epoch: number };
    upstream.happen(4);
    const after = start(upstream);
    const second = await after.host.poll({ name, cursor: first.cursor });
    expect(second.truncated).toBe(false);
    expect(numbers(second.events)).toEqual([4, 5, 6, 7]);
    expect(second.events.map((event) => ordering(event).continues)).toEqual([epoch, epoch, epoch, epoch]);
    upstream.happen();
    await after.clock.advance(1_000);
    const third = await after.host.poll({ name, cursor: second.cursor });
    expect(numbers(third.events)).toEqual([8]);
    expect(ordering(third.events[0]!)).not.toHaveProperty("continues");
  });

  it("ORD-7 rule 6: the same over push", async () => {
    const upstream = new FakeUpstream({ page: 3 });
    const before = start(upstream);
    const old = before.host.stream({ name });
    await turns();
    upstream.happen(5);
    await before.clock.advance(1_000);
    await turns(10);
    expect(numbers(old.events)).toEqual(upTo(5));
    upstream.happen(5);
    const after = start(upstream);
    const stream = after.host.stream({ name, cursor: old.cursor });
    await turns(20);
    expect(stream.all("active")).toMatchObject([{ truncated: false }]);
    expect(numbers(stream.events)).toEqual(upTo(10, 6));
    expect(ordering(stream.events[0]!).continues).toBe(ordering(old.events[0]!).epoch);
    stream.abort();
    old.abort();
  });

  it("model D6: a cursor inside a batch skips what the consumer had of it", async () => {
    for (const ids of [true, false]) {
      const upstream = new FakeUpstream({ ids });
      const before = start(upstream);
      const { cursor } = await before.host.poll({ name });
      upstream.happen(6);
      await before.clock.advance(1_000);
      const first = await before.host.poll({ name, cursor, maxEvents: 2 });
      expect(numbers(first.events)).toEqual([1, 2]);
      upstream.happen();
      const after = start(upstream);
      const second = await after.host.poll({ name, cursor: first.cursor });
      expect(second.truncated).toBe(false);
      expect(numbers(second.events)).toEqual([3, 4, 5, 6, 7]);
    }
  });

  it("model D12: a newcomer that comes after the first old cursor is caught up before its now", async () => {
    const upstream = new FakeUpstream();
    const before = start(upstream);
    const old = await before.host.poll({ name });
    upstream.happen(5);
    const after = start(upstream);
    const [resumed, newcomer] = await Promise.all([
      after.host.poll({ name, cursor: old.cursor }),
      after.host.poll({ name }),
    ]);
    expect(numbers(resumed.events)).toEqual(upTo(5));
    expect(newcomer.events).toEqual([]);
    expect(numbers((await after.host.poll({ name, cursor: newcomer.cursor })).events)).toEqual([]);
  });

  it("model D5: a cursor that the new log does not know is truncated, and repeats nothing", async () => {
    const upstream = new FakeUpstream();
    const before = start(upstream);
    const x = await before.host.poll({ name });
    upstream.happen(4);
    await before.clock.advance(1_000);
    const y = await before.host.poll({ name, cursor: x.cursor });
    upstream.happen(3);
    const after = start(upstream);
    const resumedY = await after.host.poll({ name, cursor: y.cursor });
    expect(numbers(resumedY.events)).toEqual([5, 6, 7]);
    const resumedX = await after.host.poll({ name, cursor: x.cursor });
    expect(resumedX).toMatchObject({ truncated: true, events: [] });
    upstream.happen();
    await after.clock.advance(1_000);
    expect(numbers((await after.host.poll({ name, cursor: resumedX.cursor })).events)).toEqual([8]);
  });

  it("model D5: equal cursors, and one at a place the new log passed, go on without loss", async () => {
    const upstream = new FakeUpstream();
    const before = start(upstream);
    const x = await before.host.poll({ name });
    upstream.happen(4);
    await before.clock.advance(1_000);
    const y = await before.host.poll({ name, cursor: x.cursor, maxEvents: 3 });
    upstream.happen(3);
    const after = start(upstream);
    expect(numbers((await after.host.poll({ name, cursor: x.cursor })).events)).toEqual(upTo(7));
    expect(numbers((await after.host.poll({ name, cursor: x.cursor })).events)).toEqual(upTo(7));
    const resumed = await after.host.poll({ name, cursor: y.cursor });
    expect(resumed.truncated).toBe(false);
    expect(numbers(resumed.events)).toEqual([4, 5, 6, 7]);
  });

  it("CUR-6: a cursor of another principal's upstream, or of none, is unreadable", async () => {
    const upstream = new FakeUpstream();
    const { host } = start(upstream);
    const alice = await host.poll({ name }, { principal: "alice" });
    upstream.happen(3);
    const bob = await host.poll({ name, cursor: alice.cursor }, { principal: "bob" });
    expect(bob).toMatchObject({ truncated: true, events: [] });
    const elsewhere = { name, arguments: { where: "x" }, cursor: alice.cursor };
    expect(await host.poll(elsewhere, { principal: "alice" })).toMatchObject({ truncated: true, events: [] });
  });

  it("ORD-2: an upstream that has no cursor cannot promise anything over a restart: truncated", async () => {
    const check = async () => ({ events: [], cursor: null });
    const before = setup();
    before.events.register(change, { check });
    const { cursor } = await before.host.poll({ name });
    const after = setup();
    after.events.register(change, { check });
    expect(await after.host.poll({ name, cursor })).toMatchObject({ truncated: true });
  });

  it("CUR-5: maxAgeMs is kept after a restart, too: younger than the restart is young", async () => {
    const upstream = new FakeUpstream();
    const before = start(upstream);
    const old = await before.host.poll({ name });
    upstream.happen(2);
    const after = start(upstream);
    const page = await after.host.poll({ name, cursor: old.cursor, maxAgeMs: 60_000 });
    expect(page.truncated).toBe(false);
    expect(numbers(page.events)).toEqual([1, 2]);
  });

  it("ORD-7: random restarts and page sizes, polls that get lost, from one cursor: each event once, in order", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      let state = seed;
      const random = (below: number) => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        return (state >> 8) % below;
      };
      const upstream = new FakeUpstream({ page: 1 + random(5), ids: random(2) === 0 });
      let server = start(upstream);
      let { cursor } = await server.host.poll({ name });
      const seen: unknown[] = [];
      let happened = 0;
      for (let step = 0; step < 40; step += 1) {
        const more = random(4);
        upstream.happen(more);
        happened += more;
        if (random(6) === 0) server = start(upstream);
        await server.clock.advance(random(3) * 600);
        const page = await server.host.poll({ name, cursor, maxEvents: 1 + random(4) });
        if (random(4) === 0) continue;
        expect(page.truncated).toBe(false);
        seen.push(...numbers(page.events));
        cursor = page.cursor;
      }
      for (let quiet = false; !quiet; ) {
        await server.clock.advance(1_000);
        const page = await server.host.poll({ name, cursor });
        seen.push(...numbers(page.events));
        quiet = page.events.length === 0;
        cursor = page.cursor;
      }
      expect(seen).toEqual(upTo(happened));
    }
  });
});
