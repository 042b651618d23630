import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { eventually, LINES, paired } from "./support/app";
import { callTool, type Raw, result } from "./support/json-rpc";

const NAME = "note.created";
const note = { id: "1", author: "ann", text: "hello" };

describe.each(LINES)("sdk $sdk, $dialect", (pairing) => {
  it("AUTH-1: secret.created is for alice", async () => {
    const forbidden = { code: -32024 };
    for (const stranger of [null, "bob"] as const) {
      const peer = await paired(pairing, {}, stranger);
      expect((await peer.request("events/poll", { name: "secret.created" })).error).toMatchObject(forbidden);
      const stream = await peer.stream({ name: "secret.created" });
      expect((await stream.response).error).toMatchObject(forbidden);
      expect(stream.messages).toEqual([]);
    }
    const alice = await paired(pairing, {}, "alice");
    const stream = await alice.stream({ name: "secret.created" });
    await stream.next("active");
    await callTool(alice, "emit", { name: "secret.created", data: { code: 7 } });
    const [event] = await stream.events(1);
    expect(event.data).toEqual({ code: 7 });
  });

  it("AUTH-2: revoke ends streams and polls of that principal, restore lets it in again", async () => {
    const bob = await paired(pairing, {}, "bob");
    const stream = await bob.stream({ name: NAME });
    await stream.next("active");
    await callTool(bob, "revoke", { principal: "alice", name: NAME });
    await callTool(bob, "emit", { name: NAME, data: note });
    await stream.next("event");
    await callTool(bob, "revoke", { principal: "bob", name: NAME });
    const { params } = await stream.next("terminated");
    expect(params.error).toMatchObject({ code: -32024 });
    expect(params._meta[ORDERING_EXTENSION]).toMatchObject({ log: "events" });
    await stream.response;
    expect((await bob.request("events/poll", { name: NAME })).error).toMatchObject({ code: -32024 });
    await callTool(bob, "restore", { principal: "bob", name: NAME });
    await result(bob, "events/poll", { name: NAME });
  });

  it("LIST-4: a removed type ends its streams with NotFound and comes back with add_type", async () => {
    const peer = await paired(pairing);
    const { cursor } = await result(peer, "events/poll", { name: NAME });
    const stream = await peer.stream({ name: NAME });
    await stream.next("active");
    await callTool(peer, "emit", { name: NAME, data: note });
    await callTool(peer, "remove_type", { name: NAME });
    expect((await stream.next("event")).params.data).toEqual(note);
    expect((await stream.next("terminated")).params.error).toMatchObject({
      code: -32023,
      data: { kind: "event" },
    });
    expect((await stream.response).result).toBeDefined();
    expect((await peer.request("events/poll", { name: NAME, cursor })).error).toMatchObject({
      code: -32023,
      data: { kind: "event" },
    });
    const listed = await result(peer, "events/list");
    expect(listed.events.map(({ name }: Raw) => name)).not.toContain(NAME);

    await callTool(peer, "add_type", { name: NAME });
    const again = await result(peer, "events/poll", { name: NAME, cursor });
    expect(again.events.map(({ data }: Raw) => data)).toEqual([note]);
  });

  it("LIST-4: a breaking change ends streams with Unsupported, an additive one does not", async () => {
    const peer = await paired(pairing);
    const stream = await peer.stream({ name: NAME });
    await stream.next("active");
    await callTool(peer, "change_type", { name: NAME, breaking: false });
    await callTool(peer, "emit", { name: NAME, data: { ...note, added1: "x" } });
    expect((await stream.next("event")).params.data.added1).toBe("x");
    for (let change = 1; change <= 3; change += 1) {
      const doomed = await peer.stream({ name: NAME });
      await doomed.next("active");
      await callTool(peer, "change_type", { name: NAME, breaking: true });
      expect((await doomed.next("terminated")).params.error).toMatchObject({
        code: -32026,
        data: { feature: "payloadSchema", reason: "schema_changed" },
      });
    }
    expect((await stream.next("terminated")).params.error.code).toBe(-32026);
    await callTool(peer, "emit", { name: NAME, data: { ...note, n: 1 } });
    const listed = await result(peer, "events/list");
    const { payloadSchema } = listed.events.find(({ name }: Raw) => name === NAME);
    expect(payloadSchema.properties.n.type).toEqual(["integer", "string"]);
    expect(payloadSchema.properties.added1).toBeDefined();
  });

  it("CUR-6: after truncate a poll is told so, gets a fresh cursor and goes on", async () => {
    const peer = await paired(pairing);
    const { cursor } = await result(peer, "events/poll", { name: NAME });
    await callTool(peer, "emit", { name: NAME, data: note, count: 3 });
    await callTool(peer, "truncate", { name: NAME });
    const gap = await result(peer, "events/poll", { name: NAME, cursor });
    expect(gap).toMatchObject({ events: [], truncated: true, cursor: expect.any(String) });
    await callTool(peer, "emit", { name: NAME, data: note });
    const next = await result(peer, "events/poll", { name: NAME, cursor: gap.cursor });
    expect(next).toMatchObject({ truncated: false, events: [{ data: note }] });
  });

  it("CUR-6: a stream that asks for what was truncated is told so in active", async () => {
    const peer = await paired(pairing);
    const { cursor } = await result(peer, "events/poll", { name: NAME });
    await callTool(peer, "emit", { name: NAME, data: note, count: 3 });
    await callTool(peer, "truncate", { name: NAME });
    const stream = await peer.stream({ name: NAME, cursor });
    expect((await stream.next()).params).toMatchObject({ truncated: true, cursor: expect.any(String) });
  });

  it("PUSH-5: a failing upstream is reported on the stream, which goes on", async () => {
    const peer = await paired(pairing);
    const stream = await peer.stream({ name: "ticker.tick", arguments: { intervalMs: 50 } });
    const before = (await stream.events(1))[0].data.n;
    await callTool(peer, "fail_upstream", { name: "ticker.tick", times: 1 });
    expect((await stream.next("error")).params.error.message).toMatch(/\w/);
    const after = (await stream.events(2)).map(({ data }) => data.n);
    expect(after[1]).toBe(after[0] + 1);
    const all = stream.messages
      .filter(({ method }) => method === "notifications/events/event")
      .map(({ params }) => params.data.n);
    expect(all).toEqual(all.map((_, index) => before + index));
  });

  it("CUR-3: noreplay.pinged has no cursor on any path", async () => {
    const peer = await paired(pairing);
    const name = "noreplay.pinged";
    const polled = await result(peer, "events/poll", { name });
    expect(polled).toMatchObject({ cursor: null, truncated: false });
    const stream = await peer.stream({ name });
    expect((await stream.next("active")).params.cursor ?? null).toBeNull();
    await callTool(peer, "emit", { name, data: { hello: true } });
    const { params } = await stream.next("event");
    expect(params.cursor ?? null).toBeNull();
    expect(params.data).toEqual({ hello: true });
    expect((await stream.next("heartbeat")).params.cursor ?? null).toBeNull();
  });

  it("ORD-1 [pitfall 14]: random delays in match and transform never reorder slow.created", async () => {
    const peer = await paired(pairing);
    const { cursor } = await result(peer, "events/poll", { name: "slow.created" });
    const stream = await peer.stream({ name: "slow.created" });
    await stream.next("active");
    await callTool(peer, "emit", { name: "slow.created", data: {}, count: 50 });
    const expected = Array.from({ length: 50 }, (_, index) => index + 1);
    expect((await stream.events(50)).map(({ data }) => data.n)).toEqual(expected);
    const polled = await result(peer, "events/poll", { name: "slow.created", cursor, maxEvents: 50 });
    expect(polled.events.map(({ data }: Raw) => data.n)).toEqual(expected);
  });

  it("POLL-5: a mode that the type does not offer is Unsupported", async () => {
    const peer = await paired(pairing);
    expect((await peer.request("events/poll", { name: "pushonly.pinged" })).error).toMatchObject({
      code: -32026,
      data: { feature: "deliveryMode", value: "poll" },
    });
    expect((await (await peer.stream({ name: "pollonly.pinged" })).response).error).toMatchObject({
      code: -32026,
      data: { feature: "deliveryMode", value: "push" },
    });
  });

  it("POLL-7: a long poll is answered as soon as there is an event", async () => {
    const peer = await paired(pairing);
    const { cursor } = await result(peer, "events/poll", { name: NAME });
    const waiting = result(peer, "events/poll", { name: NAME, cursor, timeoutMs: 30_000 });
    await callTool(peer, "emit", { name: NAME, data: note });
    expect((await waiting).events).toHaveLength(1);
  });

  it("AUTH-3: one stream too many is ResourceExhausted", async () => {
    const peer = await paired(pairing, { subscriptionsPerPrincipal: 2 }, "bob");
    for (const author of ["a", "b"]) {
      await (await peer.stream({ name: NAME, arguments: { author } })).next("active");
    }
    const { error } = await (await peer.stream({ name: NAME, arguments: { author: "c" } })).response;
    expect(error).toMatchObject({ code: -32025, data: { max: 2 } });
  });

  it("retention keeps the newest entries only", async () => {
    const peer = await paired(pairing, { retentionEvents: 5 });
    const { cursor } = await result(peer, "events/poll", { name: NAME });
    await callTool(peer, "emit", { name: NAME, data: note, count: 20 });
    const read = () => result(peer, "events/poll", { name: NAME, cursor });
    const polled = await eventually(read, ({ events }) => events.length > 0);
    expect(polled.truncated).toBe(true);
    expect(polled.events.map(({ data }: Raw) => data.n)).toEqual([16, 17, 18, 19, 20]);
  });
});
