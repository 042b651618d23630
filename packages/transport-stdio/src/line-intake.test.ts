import { type JsonObject, type Message, NOTIFICATIONS, SUBSCRIPTION_ID } from "@mcp-events/protocol";
import { StdioClientTransport as ClientStdioV2 } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as ClientStdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectClient } from "./client-link";
import { clientReadBuffer, type ReadBuffer } from "./recognise";

const ID = 7;

/** The SDK's transport of a child process that is never started: tests write to the buffer it reads from. */
const TRANSPORTS = {
  v1: () => new ClientStdioV1({ command: process.execPath }),
  v2: () => new ClientStdioV2({ command: process.execPath }),
};

function event(n: number, text: string, id: unknown = ID): JsonObject {
  const params = { data: { n, text }, _meta: { [SUBSCRIPTION_ID]: id } };
  return { jsonrpc: "2.0", method: NOTIFICATIONS.event, params };
}

/** Opens a stream on a transport; everything in the order it was handed over: notifications taken, and the SDK's messages. */
function openStream(transport: ReturnType<(typeof TRANSPORTS)["v1" | "v2"]>) {
  const buffer = clientReadBuffer(transport as never) as ReadBuffer & { append(chunk: Buffer): void };
  const seen: { taken?: Message; left?: JsonObject }[] = [];
  const abort = new AbortController();
  const stream = {
    signal: abort.signal,
    onEnd() {},
    take: (taken: Message) => void seen.push({ taken }),
  };
  connectClient(transport as never).openStream(ID, stream);
  /** As the SDK's transports do it. */
  const feed = (chunk: Buffer) => {
    buffer.append(chunk);
    for (let left = buffer.readMessage(); left !== null; left = buffer.readMessage()) {
      seen.push({ left: left as JsonObject });
    }
  };
  return { feed, seen, abort };
}

const line = (message: JsonObject) => Buffer.from(`${JSON.stringify(message)}\n`);

describe.each(Object.entries(TRANSPORTS))("client of %s", (_, make) => {
  test("takes what is the stream's and leaves the rest to the SDK, in order, however stdout is cut", () => {
    const kinds = fc.constantFrom("ours", "another stream's", "a request", "a response");
    const messages = fc.array(fc.tuple(kinds, fc.string({ unit: "binary" })), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat()), (given, cuts) => {
        const { feed, seen } = openStream(make());
        const sent = given.map(([kind, text], n): JsonObject => {
          if (kind === "ours") return event(n, text);
          if (kind === "another stream's") return event(n, text, 8);
          if (kind === "a request") return { jsonrpc: "2.0", id: n, method: "ping" };
          return { jsonrpc: "2.0", id: 100 + n, result: {} };
        });
        const bytes = Buffer.concat(sent.map(line));
        const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length];
        let start = 0;
        for (const end of ends.sort((a, b) => a - b)) {
          if (end > start) feed(bytes.subarray(start, end));
          start = end;
        }
        const expected = sent.map(({ jsonrpc, ...message }, n) =>
          given[n]?.[0] === "ours" ? { taken: message } : { left: { jsonrpc, ...message } },
        );
        expect(seen).toEqual(expected);
      }),
    );
  });

  test("a notification that is written in another way is the SDK's", () => {
    const { feed, seen } = openStream(make());
    const { jsonrpc, ...rest } = event(1, "a");
    feed(line({ ...rest, jsonrpc }));
    expect(seen).toEqual([{ left: { jsonrpc, ...rest } }]);
  });

  test.each(["its response", "its abort"])("takes nothing more after %s", (end) => {
    const { feed, seen, abort } = openStream(make());
    if (end === "its abort") abort.abort();
    else feed(line({ jsonrpc: "2.0", id: ID, result: {} }));
    feed(line(event(1, "a")));
    expect(seen.at(-1)).toEqual({ left: event(1, "a") });
  });
});
