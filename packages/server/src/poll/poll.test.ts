import { memoryStore } from "@mcp-events/ordering";
import { encodeCursor } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { ordering } from "../testing/fake-host";
import { failure, note, noteOptions, numbers, plain, setup, turns } from "../testing/setup";

const name = "note.created";
const notes = (count: number, author = "ada") =>
  Array.from({ length: count }, (_, index) => ({ data: { author, n: index + 1 } }));

describe("events/poll", () => {
  it("POLL-1 CAP-5 CUR-2: a null cursor is from now: a fresh cursor, no history, resultType complete", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    await handle.emit({ author: "ada", n: 1 });
    const first = await host.poll({ name });
    expect(first).toMatchObject({ resultType: "complete", events: [], truncated: false, hasMore: false });
    expect(first.nextPollMs).toBe(2_000);
    expect(ordering(first)).toEqual({ log: "events", epoch: expect.any(Number), through: 1 });
    await handle.emit({ author: "ada", n: 2 });
    const second = await host.poll({ name, cursor: first.cursor });
    expect(numbers(second.events)).toEqual([2]);
    expect(second.events[0]).not.toHaveProperty("cursor");
    expect(ordering(second.events[0]!)).toMatchObject({ seq: 2, prev: 1, log: "events" });
  });

  it("POLL-2: a null cursor is now although a lease for the key exists", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    await host.poll({ name });
    await handle.emit({ author: "ada", n: 1 });
    expect((await host.poll({ name })).events).toEqual([]);
  });

  it("POLL-3 [pitfall 1]: maxEvents and the default cap end a page with hasMore and an intermediate cursor", async () => {
    const { events, host } = setup({ maxPollEvents: 4 });
    const handle = events.register(note);
    let { cursor } = await host.poll({ name });
    await handle.emitMany(notes(10));
    const seen: unknown[] = [];
    const sizes: number[] = [];
    for (let more = true; more; ) {
      const page = await host.poll({ name, cursor, maxEvents: sizes.length === 0 ? 3 : 50 });
      seen.push(...numbers(page.events));
      sizes.push(page.events.length);
      more = page.hasMore;
      cursor = page.cursor;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(sizes).toEqual([3, 4, 3]);
  });

  it("POLL-3 [pitfall 39]: a scan that finds nothing is capped, and goes on from where it stopped", async () => {
    const { events, host } = setup({ pollScanLimit: 100 });
    const handle = events.register(note, noteOptions);
    let { cursor } = await host.poll({ name, arguments: { author: "bob" } });
    await handle.emitMany(notes(2_500));
    await handle.emitMany(notes(1, "bob"));
    const pages = [];
    for (let more = true; more; ) {
      const page = await host.poll({ name, arguments: { author: "bob" }, cursor });
      pages.push(page.events.length);
      more = page.hasMore;
      cursor = page.cursor;
    }
    expect(pages.at(-1)).toBe(1);
    expect(pages.length).toBeGreaterThan(2);
  });

  it("CUR-4 [pitfall 10]: the cursor advances in quiet times, so retention does not overtake it", async () => {
    const clock = new ManualClock();
    const { events, host } = setup({ store: memoryStore({ clock, maxEntries: 5 }) }, clock);
    const handle = events.register(note, noteOptions);
    let { cursor } = await host.poll({ name, arguments: { author: "bob" } });
    for (let round = 0; round < 4; round += 1) {
      await handle.emitMany(notes(4));
      const page = await host.poll({ name, arguments: { author: "bob" }, cursor });
      expect(page).toMatchObject({ events: [], truncated: false });
      cursor = page.cursor;
    }
  });

  it("CUR-6: retention that overtook the cursor is told by truncated, and delivery goes on", async () => {
    const clock = new ManualClock();
    const { events, host } = setup({ store: memoryStore({ clock, maxEntries: 3 }) }, clock);
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    await handle.emitMany(notes(5));
    const page = await host.poll({ name, cursor });
    expect(page.truncated).toBe(true);
    expect(numbers(page.events)).toEqual([3, 4, 5]);
    expect(ordering(page.events[0]!)).toMatchObject({ seq: 3, prev: 2 });
    expect(await host.poll({ name, cursor: page.cursor })).toMatchObject({ events: [], truncated: false });
  });

  it("CUR-6: unreadable, forged, foreign and huge cursors are truncated, never an error", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    await handle.emit({ author: "ada", n: 1 });
    const { epoch } = ordering(await host.poll({ name })) as { epoch: number };
    const forged = [
      "",
      "nonsense",
      "1",
      "1%%%",
      "x".repeat(1_000_000),
      encodeCursor({ log: "another", epoch, seq: 1 }),
      encodeCursor({ log: "events", epoch, seq: Number.MAX_SAFE_INTEGER }),
      encodeCursor({ log: "events", epoch: 1, seq: 1, upstream: { group: "g", cursor: "c" } }),
    ];
    for (const cursor of forged) {
      const page = await host.poll({ name, cursor });
      expect(page.truncated).toBe(true);
      await handle.emit({ author: "ada", n: 2 });
      expect(numbers((await host.poll({ name, cursor: page.cursor })).events)).toEqual([2]);
    }
  });

  it("CUR-6: with a cursorKey a cursor that was not signed here is unreadable", async () => {
    const { events, host } = setup({ cursorKey: "0123456789abcdef" });
    const handle = events.register(note);
    const { cursor, _meta } = await host.poll({ name });
    await handle.emit({ author: "ada", n: 1 });
    const { epoch } = ordering({ _meta }) as { epoch: number };
    expect(await host.poll({ name, cursor })).toMatchObject({ truncated: false });
    const unsigned = encodeCursor({ log: "events", epoch, seq: 1 });
    for (const forged of [
      unsigned,
      `${unsigned}.`,
      `${unsigned}.AAAA`,
      `${unsigned}${String(cursor).slice(-23)}`,
    ]) {
      expect(await host.poll({ name, cursor: forged })).toMatchObject({ truncated: true, events: [] });
    }
  });

  it("ORD-7 [pitfall 3]: after a restart an old cursor is truncated and gets everything since the restart", async () => {
    const first = setup();
    const before = first.events.register(note);
    await before.emitMany(notes(3));
    const { cursor } = await first.host.poll({ name });
    const second = setup();
    const after = second.events.register(note);
    await after.emitMany(notes(5));
    const page = await second.host.poll({ name, cursor });
    expect(page.truncated).toBe(true);
    expect(numbers(page.events)).toEqual([1, 2, 3, 4, 5]);
    expect((ordering(page) as { epoch: number }).epoch).toBeGreaterThan(0);
  });

  it("CUR-5: maxAgeMs floors a replay and says truncated; it means nothing without a cursor", async () => {
    const { events, host, clock } = setup();
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    await handle.emit({ author: "ada", n: 1 });
    await clock.advance(10_000);
    await handle.emit({ author: "ada", n: 2 });
    const page = await host.poll({ name, cursor, maxAgeMs: 5_000 });
    expect(page.truncated).toBe(true);
    expect(numbers(page.events)).toEqual([2]);
    const whole = await host.poll({ name, cursor, maxAgeMs: 60_000 });
    expect(whole.truncated).toBe(false);
    expect(numbers(whole.events)).toEqual([1, 2]);
    expect(await host.poll({ name, maxAgeMs: 1 })).toMatchObject({ truncated: false, events: [] });
  });

  it("CUR-3: a type without replay always has a null cursor, and nothing is truncated", async () => {
    const { events, host } = setup();
    const handle = events.register(plain("noreplay"), { replay: false });
    await handle.emit({ n: 1 });
    for (const cursor of [undefined, null, "old"]) {
      const page = await host.poll({ name: "noreplay", ...(cursor !== undefined && { cursor }) });
      expect(page).toMatchObject({ cursor: null, truncated: false, events: [], hasMore: false });
    }
  });

  it("POLL-5: errors are named as the contract says", async () => {
    const { events, host } = setup();
    events.register(note);
    events.register(plain("pushed"), { delivery: ["push"] });
    expect(await failure(host.poll({ name: "nobody" }))).toMatchObject({
      error: "NotFound",
      data: { kind: "event" },
    });
    expect(await failure(host.poll({ name: "pushed" }))).toMatchObject({
      error: "Unsupported",
      data: { feature: "deliveryMode", value: "poll" },
    });
    const wrong = await failure(host.poll({ name, arguments: { author: 5 } }));
    expect(wrong).toMatchObject({
      error: "InvalidParams",
      message: expect.stringContaining("arguments.author"),
    });
  });

  it.each([
    [{}, "name"],
    [{ name: 5 }, "name"],
    [{ name, arguments: "x" }, "arguments"],
    [{ name, arguments: [] }, "arguments"],
    [{ name, cursor: 5 }, "cursor"],
    [{ name, maxEvents: 0 }, "maxEvents"],
    [{ name, maxEvents: "all" }, "maxEvents"],
    [{ name, maxAgeMs: -1 }, "maxAgeMs"],
    [{ name, timeoutMs: {} }, "timeoutMs"],
  ])("POLL-5: %j is InvalidParams and names %s", async (params, path) => {
    const { events, host } = setup();
    events.register(note);
    const error = await failure(host.poll(params));
    expect(error).toMatchObject({ error: "InvalidParams", message: expect.stringContaining(path) });
  });

  it("POLL-5: unknown fields are ignored, and null stands for absent", async () => {
    const { events, host } = setup();
    events.register(note);
    const odd = {
      name,
      cursor: null,
      maxEvents: null,
      maxAgeMs: null,
      timeoutMs: null,
      mode: "poll",
      x: [1],
    };
    expect(await host.poll(odd)).toMatchObject({ events: [] });
  });

  it("POLL-5 [pitfall 13]: the old field params instead of arguments is refused with a hint", async () => {
    const { events, host } = setup();
    events.register(note);
    const error = await failure(host.poll({ name, params: { author: "ada" } }));
    expect(error).toMatchObject({ error: "InvalidParams", message: expect.stringContaining('"arguments"') });
  });

  it("POLL-5: arguments of 1 MiB, and arguments nested without end, are refused", async () => {
    const { events, host } = setup();
    events.register(note);
    const big = await failure(host.poll({ name, arguments: { author: "x".repeat(1024 * 1024) } }));
    expect(big).toMatchObject({ error: "InvalidParams", message: expect.stringContaining("65536") });
    let nested: Record<string, unknown> = {};
    for (let depth = 0; depth < 100_000; depth += 1) nested = { nested };
    expect(await failure(host.poll({ name, arguments: nested }))).toMatchObject({ error: "InvalidParams" });
    expect(await host.poll({ name })).toMatchObject({ events: [] });
  });

  it("ORDERING rule 5: an event that match cannot judge is a gap: the page ends before it, the next begins with it", async () => {
    const { events, host, clock } = setup();
    const handle = events.register(note, {
      match: ({ n }) => {
        if (n === 3) throw new Error("broken");
        return true;
      },
    });
    const { cursor } = await host.poll({ name });
    await handle.emitMany(notes(5));
    const answering = host.poll({ name, cursor });
    await clock.advance(1_000);
    const first = await answering;
    expect(numbers(first.events)).toEqual([1, 2]);
    expect(first).toMatchObject({ hasMore: true, truncated: false });
    const next = host.poll({ name, cursor: first.cursor });
    await clock.advance(1_000);
    const second = await next;
    expect(numbers(second.events)).toEqual([4, 5]);
    expect(second).toMatchObject({ hasMore: false, truncated: true });
    expect(ordering(second.events[0]!)).toMatchObject({ prev: 3 });
  });
});

describe("long poll", () => {
  it("POLL-7: is off unless the server turns it on", async () => {
    const { events, host } = setup();
    events.register(note);
    expect(await host.poll({ name, timeoutMs: 60_000 })).toMatchObject({ events: [] });
  });

  it("POLL-7: answers at once when there is an event, and empty after timeoutMs", async () => {
    const { events, host, clock } = setup({ longPollMs: 5_000 });
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    const waiting = host.poll({ name, cursor, timeoutMs: 60_000 });
    await turns();
    await handle.emit({ author: "ada", n: 1 });
    const told = await waiting;
    expect(numbers(told.events)).toEqual([1]);
    const quiet = host.poll({ name, cursor: told.cursor, timeoutMs: 60_000 });
    await clock.advance(5_000);
    expect(await quiet).toMatchObject({ events: [], truncated: false });
    expect(events.stats()).toMatchObject({ readers: 0, views: 0 });
  });

  it("POLL-7: a type without replay tells in a long poll what happens meanwhile", async () => {
    const { events, host } = setup({ longPollMs: 5_000 });
    const handle = events.register(plain("noreplay"), { replay: false });
    const waiting = host.poll({ name: "noreplay", timeoutMs: 5_000 });
    await turns();
    await handle.emit({ n: 1 });
    expect(await waiting).toMatchObject({ cursor: null, events: [{ data: { n: 1 } }] });
  });

  it("POLL-7: an abort ends the wait and leaves nothing; more than maxLongPolls do not wait", async () => {
    const { events, host } = setup({ longPollMs: 5_000, maxLongPolls: 1 });
    events.register(note);
    const abort = new AbortController();
    const waiting = host.poll({ name, timeoutMs: 5_000 }, { signal: abort.signal });
    await turns();
    expect(await host.poll({ name, timeoutMs: 5_000 })).toMatchObject({ events: [] });
    abort.abort();
    await waiting;
    expect(events.stats()).toMatchObject({ readers: 0, views: 0, timers: 1 });
  });

  it("POLL-7: polls that wait are answered when the server closes", async () => {
    const { events, host, clock } = setup({ longPollMs: 5_000 });
    events.register(note);
    const waiting = Array.from({ length: 20 }, () => host.poll({ name, timeoutMs: 5_000 }));
    await turns();
    await events.close();
    for (const page of await Promise.all(waiting))
      expect(page).toMatchObject({ events: [], truncated: false });
    expect(clock.pending).toBe(0);
  });

  it("LIST-4: a waiting poll of a type that is removed is told NotFound", async () => {
    const { events, host } = setup({ longPollMs: 5_000 });
    const handle = events.register(note);
    const waiting = failure(host.poll({ name, timeoutMs: 5_000 }));
    await turns();
    await handle.remove();
    expect(await waiting).toMatchObject({ error: "NotFound" });
  });
});
