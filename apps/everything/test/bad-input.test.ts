import { describe, expect, it } from "vitest";
import { PAIRINGS, paired } from "./support/app";
import { callTool, type Peer, type Raw, result } from "./support/json-rpc";

const NAME = "note.created";
const LONG = "x".repeat(1024 * 1024);

/** What a wrong request says, the same for poll and push. */
const WRONG: readonly [string, object, object][] = [
  ["no name", {}, { code: -32602 }],
  ["a name of the wrong type", { name: 5 }, { code: -32602 }],
  ["an unknown name", { name: "no.such" }, { code: -32023, data: { kind: "event" } }],
  ["arguments that are no object", { name: NAME, arguments: "ann" }, { code: -32602 }],
  ["an argument of the wrong type", { name: NAME, arguments: { author: 5 } }, { code: -32602 }],
  ["an argument out of range", { name: "ticker.tick", arguments: { intervalMs: 1 } }, { code: -32602 }],
  ["an unknown argument", { name: NAME, arguments: { auhtor: "ann" } }, { code: -32602 }],
  ["params in place of arguments [pitfall 13]", { name: NAME, params: { author: "ann" } }, { code: -32602 }],
  ["a cursor of the wrong type", { name: NAME, cursor: 5 }, { code: -32602 }],
  ["a negative maxAgeMs", { name: NAME, cursor: null, maxAgeMs: -1 }, { code: -32602 }],
  ["1 MiB of arguments", { name: NAME, arguments: { author: LONG } }, { code: -32602 }],
];

/** Cursors that nobody got from this server. */
const FORGED: readonly [string, string][] = [
  ["empty", ""],
  ["noise", "not a cursor"],
  ["1 MiB", LONG],
  ["a well-made forgery of another log", `1${Buffer.from('["other",1,1]').toString("base64url")}`],
  ["a well-made forgery of another epoch", `1${Buffer.from('["events",1,1]').toString("base64url")}`],
];

async function healthy(peer: Peer): Promise<void> {
  const { cursor } = await result(peer, "events/poll", { name: NAME });
  await callTool(peer, "emit", { name: NAME, data: { id: "1", author: "ann", text: "well" } });
  expect((await result(peer, "events/poll", { name: NAME, cursor })).events).toHaveLength(1);
}

describe.each(PAIRINGS)("bad input: sdk $sdk, $carrier, $dialect", (pairing) => {
  it("POLL-5, PUSH-1: gets the error the contract names on both paths, and no stream", async () => {
    const peer = await paired(pairing);
    for (const [what, params, error] of WRONG) {
      const polled = await peer.request("events/poll", params);
      expect(polled.error, `poll with ${what}`).toMatchObject(error);
      const stream = await peer.stream(params);
      expect((await stream.response)?.error, `stream with ${what}`).toMatchObject(error);
      expect(stream.messages, `stream with ${what}`).toEqual([]);
    }
    await healthy(peer);
  });

  it("CUR-6: takes a forged or huge cursor for a gap, never for an error", async () => {
    const peer = await paired(pairing);
    for (const [what, cursor] of FORGED) {
      const polled = await result(peer, "events/poll", { name: NAME, cursor });
      expect(polled, `poll with ${what}`).toMatchObject({ truncated: true, cursor: expect.any(String) });
      const stream = await peer.stream({ name: NAME, cursor });
      expect((await stream.next()).params, `stream with ${what}`).toMatchObject({ truncated: true });
      await stream.cancel();
    }
    await healthy(peer);
  });

  it("ignores unknown fields and takes absent for null", async () => {
    const peer = await paired(pairing);
    const polled = await result(peer, "events/poll", { name: NAME, arguments: {}, delivery: "x", foo: [1] });
    expect(polled).toMatchObject({ events: [], truncated: false });
    await result(peer, "events/poll", { name: NAME, cursor: null, maxEvents: null, maxAgeMs: null });
    await healthy(peer);
  });

  it("LIST-1: a page that nobody was told of is InvalidParams", async () => {
    const peer = await paired(pairing);
    expect((await peer.request("events/list", { cursor: "page 9" })).error).toMatchObject({ code: -32602 });
    await healthy(peer);
  });

  it("the sketch profile has its own numbers", async () => {
    const peer = await paired(pairing, { profile: "sketch" });
    const codes = await Promise.all(
      [{ name: "no.such" }, { name: "secret.created" }, { name: "pushonly.pinged" }].map(
        async (params): Promise<Raw> => (await peer.request("events/poll", params)).error.code,
      ),
    );
    expect(codes).toEqual([-32011, -32012, -32014]);
  });
});
