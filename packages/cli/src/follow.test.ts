import { PassThrough } from "node:stream";
import type { SubscriptionItem } from "@mcp-events/client";
import { describe, expect, it } from "vitest";
import { OutputClosed } from "./failures/cli-error";
import { follow } from "./follow";
import { Output } from "./output";

const format = (item: SubscriptionItem) => (item.kind === "event" ? item.eventId : "gap");

/** Items that note when they are committed. */
function items(log: string[], kinds: string) {
  return [...kinds].map((kind, index): SubscriptionItem => {
    const commit = async () => void log.push(`commit ${index + 1}`);
    if (kind === "g") return { kind: "gap", reason: "lost", commit };
    return {
      kind: "event",
      eventId: `${index + 1}`,
      name: "n",
      timestamp: "t",
      data: {},
      mode: "push",
      commit,
    };
  });
}

async function* then(list: readonly SubscriptionItem[], rest: Promise<never> = new Promise(() => {})) {
  yield* list;
  await rest;
}

const writing = (log: string[]) =>
  ({ line: async (text: string) => void log.push(`write ${text}`) }) as unknown as Output;

describe("following a subscription", () => {
  it("ORD-9: commits each item once it is written, gaps too, and ends at the count of events", async () => {
    const log: string[] = [];
    const signal = new AbortController().signal;
    await follow({ out: writing(log), signal }, then(items(log, "ege")), { format, count: 2 });
    expect(log).toEqual(["write 1", "commit 1", "write gap", "commit 2", "write 3", "commit 3"]);
  });

  it("ORD-9: what could not be written is not committed", async () => {
    const log: string[] = [];
    const stdout = new PassThrough();
    stdout.destroy();
    const out = new Output(stdout, new PassThrough());
    const following = follow({ out, signal: new AbortController().signal }, then(items(log, "e")), {
      format,
    });
    await expect(following).rejects.toBeInstanceOf(OutputClosed);
    expect(log).toEqual([]);
  });

  it("ORD-9: what is being written when it is told to end is committed, and nothing after it is taken", async () => {
    const log: string[] = [];
    const ending = new AbortController();
    const out = { line: async () => ending.abort() } as unknown as Output;
    await follow({ out, signal: ending.signal }, then(items(log, "eee")), { format });
    expect(log).toEqual(["commit 1"]);
  });

  it("ends while it waits when it is told to, and leaves nothing listening", async () => {
    const ending = new AbortController();
    const following = follow({ out: writing([]), signal: ending.signal }, then([]), { format });
    setImmediate(() => ending.abort());
    await expect(following).resolves.toBeUndefined();
  });

  it("throws what the subscription ended with", async () => {
    const log: string[] = [];
    const ended = Promise.reject(new Error("terminated"));
    ended.catch(() => {});
    const signal = new AbortController().signal;
    const following = follow({ out: writing(log), signal }, then(items(log, "e"), ended), { format });
    await expect(following).rejects.toThrow("terminated");
    expect(log).toEqual(["write 1", "commit 1"]);
  });
});
