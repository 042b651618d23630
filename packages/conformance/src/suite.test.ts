import {
  directChannel,
  type InMemoryPairOptions,
  type Message,
  type ServerTransport,
} from "@mcp-events/protocol";
import { expect, test } from "vitest";
import { startInMemory } from "./testing/in-memory";
import { clientV2, serverV2 } from "./testing/sdks";
import { describeTransport, type TransportUnderTest } from "./transport";

/** The suite's cases by title, to be run one by one. */
function casesOf(start: () => Promise<TransportUnderTest>, skips?: Record<string, string>) {
  const cases = new Map<string, () => Promise<void>>();
  const skipped: string[] = [];
  const report = describeTransport("broken", start, {
    test: (title, fn) => cases.set(title, fn),
    skip: (title) => skipped.push(title),
    skips,
    streams: 25,
  });
  const run = (part: string) => {
    const [, fn] = [...cases].find(([title]) => title.includes(part)) ?? [];
    if (fn === undefined) throw new Error(`no case says ${part}`);
    return fn();
  };
  return { report, run, skipped };
}

/** An adapter that does something to what is written. */
function spoiling(spoil: (messages: readonly Message[]) => readonly Message[]): ServerTransport {
  return {
    name: "spoiling",
    connect: () => ({
      open(request) {
        const channel = directChannel(request);
        return { ...channel, write: (messages) => channel.write(spoil(messages)) };
      },
    }),
  };
}

function start(adapter: ServerTransport, options: InMemoryPairOptions = {}) {
  return () => startInMemory(serverV2, clientV2, [adapter], options);
}

test("catches a transport that reorders", async () => {
  const { run } = casesOf(start(spoiling((messages) => [...messages].reverse())));
  await expect(run("in the order written")).rejects.toThrow("events: expected");
});

test("catches a transport that repeats", async () => {
  const { run } = casesOf(start(spoiling((messages) => [...messages, ...messages.slice(-1)])));
  await expect(run("in the order written")).rejects.toThrow("expected");
});

test("catches a transport that changes text", async () => {
  const change = (messages: readonly Message[]) =>
    JSON.parse(JSON.stringify(messages).replaceAll("é", "e").replaceAll("ä", "a")) as Message[];
  const { run } = casesOf(start(spoiling(change)));
  await expect(run("arrive unchanged")).rejects.toThrow("texts: expected");
});

test("[pitfall 19] catches a transport without back-pressure", async () => {
  const { run } = casesOf(
    start(
      spoiling((messages) => messages),
      { highWaterMarkBytes: Number.MAX_SAFE_INTEGER },
    ),
  );
  await expect(run("does not read, under 10 MiB")).rejects.toThrow(
    "were written to a client that does not read",
  );
});

test("[pitfall 17] catches a transport that leaves something behind when a stream is over", async () => {
  const left = async () => {
    const transport = await startInMemory(serverV2, clientV2);
    let opened = 0;
    const openStream = transport.connection.openStream.bind(transport.connection);
    transport.connection.openStream = (...args) => {
      opened += 1;
      return openStream(...args);
    };
    return { ...transport, held: () => opened };
  };
  const { run } = casesOf(left);
  await expect(run("leave nothing behind")).rejects.toThrow("nothing held");
}, 30_000);

test("says what start() must give, and reports what is skipped with its reason", async () => {
  const bare = async () => {
    const { host, connection, close } = await startInMemory(serverV2, clientV2);
    return { host, connection, close };
  };
  const { run, report, skipped } = casesOf(bare, { "id-zero": "ids are made by the SDK" });
  await expect(run("a connection that is cut")).rejects.toThrow(
    'start() gives no cut(): give it, or name the reason in skips["cut"]',
  );
  expect(report.skipped).toEqual([{ id: "id-zero", reason: "ids are made by the SDK" }]);
  expect(report.cases).toContain("id-zero");
  expect(skipped).toEqual([expect.stringContaining("[skipped: ids are made by the SDK]")]);
});

test("refuses to skip what it does not know, or without a reason", () => {
  expect(() => casesOf(start(spoiling((messages) => messages)), { ordre: "typo" })).toThrow(
    "no case is called ordre",
  );
  expect(() => casesOf(start(spoiling((messages) => messages)), { order: "" })).toThrow("without a reason");
});
