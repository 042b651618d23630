import { EVENTS_EXTENSION, ORDERING_EXTENSION, SUBSCRIPTION_ID } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { FIXTURE_TYPES } from "../src/types";
import { eventually, PAIRINGS, paired } from "./support/app";
import { callTool, INITIALIZE, type Peer, type Raw, result } from "./support/json-rpc";

const note = (text: string, author = "ann") => ({ id: text, author, text });

describe.each(PAIRINGS)("sdk $sdk, $carrier, $dialect", (pairing) => {
  const modern = pairing.dialect === "modern";

  /** Every successful result of revision 2026-07-28 says that it is complete (CAP-5). */
  async function ask(peer: Peer, method: string, params?: object): Promise<Raw> {
    const answer = await result(peer, method, params);
    if (modern) expect(answer.resultType).toBe("complete");
    return answer;
  }

  it("CAP-1, CAP-2: declares events in both places, and the ordering extension", async () => {
    const peer = await paired(pairing);
    const opened = peer.opened ?? (await result(peer, modern ? "server/discover" : "initialize", INITIALIZE));
    const { capabilities } = opened;
    expect(capabilities.extensions[EVENTS_EXTENSION]).toEqual({ listChanged: true });
    expect(capabilities.extensions[ORDERING_EXTENSION]).toEqual({ version: 1 });
    expect(capabilities.events).toBeTypeOf("object");
    expect(capabilities.tools).toBeTypeOf("object");
  });

  it("LIST-2: lists every type with description, modes, schemas and log, the self-firing one first", async () => {
    const { events } = await ask(await paired(pairing), "events/list");
    expect(events.map(({ name }: Raw) => name)).toEqual([
      ...FIXTURE_TYPES.map(({ definition }) => definition.name),
      ...(pairing.sdk === "v1" ? ["task.status"] : []),
    ]);
    for (const descriptor of events) {
      expect(descriptor.description).toMatch(/\w+ \w+/);
      expect(descriptor.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(descriptor.payloadSchema).toMatchObject({ type: "object" });
      const noReplay = descriptor.name === "noreplay.pinged";
      expect(descriptor._meta[ORDERING_EXTENSION].log === "events").toBe(!noReplay);
    }
    const modes = Object.fromEntries(events.map(({ name, delivery }: Raw) => [name, [...delivery].sort()]));
    expect(modes).toMatchObject({
      "note.created": ["poll", "push", "webhook"],
      "noreplay.pinged": ["poll", "push", "webhook"],
      "hookonly.pinged": ["webhook"],
      "pollonly.pinged": ["poll"],
      "pushonly.pinged": ["push"],
    });
  });

  it("POLL-1, POLL-2: a poll without a cursor begins now; the next one gets what was emitted", async () => {
    const peer = await paired(pairing);
    await callTool(peer, "emit", { name: "note.created", data: note("old") });
    const first = await ask(peer, "events/poll", { name: "note.created", cursor: null });
    expect(first).toMatchObject({ events: [], truncated: false, hasMore: false, cursor: expect.any(String) });

    const { positions } = await callTool(peer, "emit", {
      name: "note.created",
      data: note("new"),
      eventId: "mine",
    });
    const second = await ask(peer, "events/poll", { name: "note.created", cursor: first.cursor });
    expect(second.events).toHaveLength(1);
    const [event] = second.events;
    expect(event).toMatchObject({ eventId: "mine", name: "note.created", data: note("new") });
    expect(Date.parse(event.timestamp)).toBeGreaterThan(0);
    expect("cursor" in event).toBe(false);
    expect(event._meta[ORDERING_EXTENSION]).toMatchObject({ log: "events", seq: positions[0].seq });
    expect(second.cursor).not.toBe(first.cursor);
  });

  it("POLL-3: pages by maxEvents until nothing is left", async () => {
    const peer = await paired(pairing);
    let { cursor } = await ask(peer, "events/poll", { name: "note.created" });
    await callTool(peer, "emit", { name: "note.created", data: note("page"), count: 7 });
    const seen: number[] = [];
    for (let more = true; more; ) {
      const page = await ask(peer, "events/poll", { name: "note.created", cursor, maxEvents: 3 });
      expect(page.events.length).toBeLessThanOrEqual(3);
      seen.push(...page.events.map(({ data }: Raw) => data.n));
      cursor = page.cursor;
      more = page.hasMore;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("PUSH-2, PUSH-3, PUSH-4: active comes first, then events in one chain, and heartbeats in between", async () => {
    const peer = await paired(pairing);
    const stream = await peer.stream({ name: "note.created" });
    const active = await stream.next();
    expect(active.method).toBe("notifications/events/active");
    expect(active.params).toMatchObject({ truncated: false, cursor: expect.any(String) });

    await callTool(peer, "emit", { name: "note.created", data: note("first") });
    await callTool(peer, "emit", { name: "pollonly.pinged" });
    await callTool(peer, "emit", { name: "note.created", data: note("batch"), count: 4 });
    const events = await stream.events(5);
    expect(events.map(({ data }) => [data.text, data.n])).toEqual([
      ["first", undefined],
      ...[1, 2, 3, 4].map((n) => ["batch", n]),
    ]);
    const marks = events.map(({ _meta }) => _meta[ORDERING_EXTENSION]);
    expect(marks.map(({ prev }) => prev)).toEqual([
      active.params._meta[ORDERING_EXTENSION].through,
      ...marks.slice(0, -1).map(({ seq }) => seq),
    ]);
    expect(new Set(marks.map(({ key }) => key)).size).toBe(1);

    const heartbeat = await stream.next("heartbeat");
    expect(heartbeat.params.cursor).toEqual(expect.any(String));
    for (const { params } of stream.messages) expect(params._meta[SUBSCRIPTION_ID]).toBe(stream.id);

    const polled = await ask(peer, "events/poll", { name: "note.created", cursor: events[0].cursor });
    expect(polled.events.map(({ data }: Raw) => data.n)).toEqual([1, 2, 3, 4]);
  });

  it("PUSH-7 [pitfall 17]: a cancelled stream leaves nothing behind", async () => {
    const peer = await paired(pairing);
    const stream = await peer.stream({ name: "note.created" });
    await stream.next("active");
    expect((await callTool(peer, "stats")).subscriptions.push).toBe(1);
    await stream.cancel();
    const stats = await eventually(
      () => callTool(peer, "stats"),
      ({ subscriptions }) => subscriptions.push === 0,
    );
    expect(stats).toMatchObject({ readers: 0, views: 0 });
  });

  it("ticker.tick: consecutive ticks with stable ids, polled or pushed", async () => {
    const peer = await paired(pairing);
    const args = { intervalMs: 50 };
    const { cursor } = await ask(peer, "events/poll", { name: "ticker.tick", arguments: args });
    const stream = await peer.stream({ name: "ticker.tick", arguments: args });
    const pushed = await stream.events(3);
    const numbers = pushed.map(({ data }) => data.n);
    expect(numbers).toEqual([numbers[0], numbers[0] + 1, numbers[0] + 2]);
    expect(pushed.map(({ eventId }) => eventId)).toEqual(numbers.map((n) => `tick-50-${n}`));
    const polled = await ask(peer, "events/poll", { name: "ticker.tick", arguments: args, cursor });
    const ids = polled.events.map(({ eventId }: Raw) => eventId);
    expect(ids).toEqual(expect.arrayContaining(pushed.map(({ eventId }) => eventId)));
    expect(polled.truncated).toBe(false);
  });

  it("HOOK-2: nobody subscribes by webhook anonymously", async () => {
    const peer = await paired(pairing, { allowLoopbackWebhooks: true });
    const delivery = {
      mode: "webhook",
      url: "http://127.0.0.1:9/hook",
      secret: `whsec_${btoa("s".repeat(32))}`,
    };
    for (const method of ["events/subscribe", "events/unsubscribe"]) {
      const { error } = await peer.request(method, { name: "note.created", delivery });
      expect(error.code).toBe(-32024);
    }
  });
});
