import type { EventConnection, JsonObject } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { counted, emptyConnectionTally } from "./count-reconnects";

function connection(request: EventConnection["request"]): EventConnection {
  return {
    closed: new AbortController().signal,
    serverCapabilities: async () => ({ events: {} }),
    onNotification: () => () => {},
    openStream: () => ({ messages: (async function* () {})() }),
    request,
  };
}

describe("counted", () => {
  it("counts streams and passes everything on", async () => {
    const tally = emptyConnectionTally();
    const asked: unknown[] = [];
    const through = counted(
      connection(async (...args) => {
        asked.push(args);
        return { ok: true };
      }),
      tally,
      2_000,
    );
    through.openStream({}, { signal: new AbortController().signal });
    through.openStream({}, { signal: new AbortController().signal });
    expect(await through.serverCapabilities()).toEqual({ events: {} });
    expect(await through.request("events/poll", { name: "push" })).toEqual({ ok: true });
    expect(asked).toEqual([["events/poll", { name: "push" }, { timeoutMs: 2_000 }]]);
    expect(tally).toEqual({ streams: 2, failedRequests: 0 });
  });

  it("counts requests that failed, not those that were called off", async () => {
    const tally = emptyConnectionTally();
    const fails = async (): Promise<JsonObject> => {
      throw new Error("cut");
    };
    const through = counted(connection(fails), tally, 2_000);
    await expect(through.request("events/poll", {})).rejects.toThrow("cut");
    await expect(through.request("events/poll", {}, { signal: AbortSignal.abort() })).rejects.toThrow("cut");
    expect(tally.failedRequests).toBe(1);
  });
});
