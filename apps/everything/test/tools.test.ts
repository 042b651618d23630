import { describe, expect, it } from "vitest";
import { LINES, paired } from "./support/app";
import { callTool, type Peer, type Raw, result } from "./support/json-rpc";

const note = { id: "1", author: "ann", text: "hello" };

async function refusal(peer: Peer, name: string, args: object): Promise<string> {
  const answer = await result(peer, "tools/call", { name, arguments: args });
  expect(answer.isError).toBe(true);
  return answer.content[0].text;
}

describe.each(LINES)("tools: sdk $sdk, $dialect", (pairing) => {
  it("are all listed, with descriptions and schemas", async () => {
    const { tools } = await result(await paired(pairing), "tools/list");
    const names = tools.map(({ name }: Raw) => name);
    expect(names.sort()).toEqual([
      ..."add_type change_type dead_letters emit fail_upstream remove_type restore".split(" "),
      ..."resume revoke".split(" "),
      ...(pairing.sdk === "v1" ? ["run_task"] : []),
      ..."stats suspend truncate webhooks".split(" "),
    ]);
    for (const tool of tools) {
      expect(tool.description).toMatch(/\w+ \w+/);
      expect(tool.inputSchema).toMatchObject({ type: "object" });
    }
  });

  it("emit answers with positions, as structured content and as text", async () => {
    const peer = await paired(pairing);
    const args = { name: "note.created", data: note, eventId: "e", count: 3 };
    const answer = await result(peer, "tools/call", { name: "emit", arguments: args });
    expect(JSON.parse(answer.content[0].text)).toEqual(answer.structuredContent);
    const { positions } = answer.structuredContent;
    expect(positions.map(({ eventId, duplicate }: Raw) => [eventId, duplicate])).toEqual([
      ["e-1", false],
      ["e-2", false],
      ["e-3", false],
    ]);
    const seqs = positions.map(({ seq }: Raw) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBe(3);
  });

  it("OCC-2: emit keeps the caller's eventId and collapses a second one", async () => {
    const peer = await paired(pairing);
    const once = await callTool(peer, "emit", { name: "note.created", data: note, eventId: "same" });
    const twice = await callTool(peer, "emit", { name: "note.created", data: note, eventId: "same" });
    expect(twice.positions[0]).toEqual({ ...once.positions[0], duplicate: true });
  });

  it("emit takes more events than one batch holds, in order", async () => {
    const peer = await paired(pairing);
    const { cursor } = await result(peer, "events/poll", { name: "pollonly.pinged" });
    const { count, positions } = await callTool(peer, "emit", { name: "pollonly.pinged", count: 1200 });
    expect([count, positions.length]).toEqual([1200, 1200]);
    const polled = await result(peer, "events/poll", { name: "pollonly.pinged", cursor, maxEvents: 50 });
    expect(polled.events.map(({ data }: Raw) => data.n)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(polled.hasMore).toBe(true);
  });

  it.each([
    ["an unknown type", { name: "no.such", data: {} }, /no event type "no\.such".*note\.created/],
    ["a check-backed type", { name: "ticker.tick", data: {} }, /ticker\.tick is check-backed/],
    [
      "a payload that does not fit, naming the path",
      { name: "note.created", data: { ...note, text: 5 } },
      /text/,
    ],
    [
      "a payload over 256 KiB",
      { name: "note.created", data: { ...note, text: "x".repeat(270_000) } },
      /takes \d+ bytes/,
    ],
    ["input that does not fit", { name: "note.created", count: 0 }, /count/],
    ["input of the wrong type", { name: 5 }, /name/],
    ["an unknown field", { name: "note.created", data: note, event_id: "x" }, /event_id/],
  ])("emit refuses %s", async (_what, args, reason) => {
    const peer = await paired(pairing);
    expect(await refusal(peer, "emit", args)).toMatch(reason);
  });

  it("say what is wrong, as tool errors", async () => {
    const peer = await paired(pairing);
    expect(await refusal(peer, "revoke", { principal: "alice", name: "no.such" })).toMatch(/no event type/);
    expect(await refusal(peer, "add_type", { name: "note.created" })).toMatch(/is there already/);
    expect(await refusal(peer, "fail_upstream", { name: "note.created", times: 1 })).toMatch(
      /has no upstream/,
    );
    for (const name of ["suspend", "resume"]) {
      expect(await refusal(peer, name, { id: "sub_none" })).toMatch(/no webhook subscription sub_none/);
    }
    expect(await refusal(peer, "dead_letters", { action: "replay" })).toMatch(/needs the id/);
    expect(await refusal(peer, "dead_letters", { action: "replay", id: "none" })).toMatch(
      /no dead letter "none"/,
    );
    expect(await callTool(peer, "dead_letters", { action: "drop", id: "none" })).toMatchObject({
      dropped: false,
    });
    await callTool(peer, "remove_type", { name: "note.created" });
    expect(await refusal(peer, "remove_type", { name: "note.created" })).toMatch(/is removed/);
    expect(await refusal(peer, "emit", { name: "note.created", data: note })).toMatch(/is removed/);
    expect(await refusal(peer, "change_type", { name: "note.created", breaking: true })).toMatch(
      /is removed/,
    );
  });

  it("stats tells what the server holds", async () => {
    const peer = await paired(pairing);
    await callTool(peer, "emit", { name: "note.created", data: note });
    await callTool(peer, "emit", { name: "noreplay.pinged", data: {} });
    await result(peer, "events/poll", { name: "note.created" });
    const stats = await callTool(peer, "stats");
    expect(stats).toMatchObject({
      subscriptions: { poll: 1, push: 0, webhook: 0 },
      readers: expect.any(Number),
      timers: expect.any(Number),
      sdk: pairing.sdk,
    });
    const logs = Object.fromEntries(stats.logs.map(({ name, entries }: Raw) => [name, entries]));
    expect(logs).toMatchObject({ events: 1, noreplay: 1 });
  });

  it("offers the draft conformance suite's controls only when asked to", async () => {
    const peer = await paired(pairing, { conformanceControls: true });
    const { tools } = await result(peer, "tools/list");
    expect(tools.map(({ name }: Raw) => name)).toEqual(
      expect.arrayContaining(
        ["yield_error", "yield_gap", "terminate"].map((name) => `events_conformance_${name}`),
      ),
    );
  });
});
