import type { Message } from "@mcp-events/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SseIntake } from "./sse-intake";

const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

function event(n: number, text: string, id: unknown = 7): string {
  const params = { data: { n, text }, _meta: { [SUBSCRIPTION]: id } };
  return JSON.stringify({ jsonrpc: "2.0", method: "notifications/events/event", params });
}

const frame = (json: string) => `event: message\ndata: ${json}\n\n`;

/** Feeds a body cut at the given bytes; what was taken and what the SDK was left with. */
function feed(body: string, cuts: readonly number[]) {
  const taken: Message[] = [];
  const stream = {
    signal: new AbortController().signal,
    onEnd() {},
    take: (m: Message) => void taken.push(m),
  };
  const intake = new SseIntake(7, stream);
  const bytes = new TextEncoder().encode(body);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const decoder = new TextDecoder();
  let left = "";
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    const chunk = intake.take(bytes.slice(start, end));
    left += chunk === undefined ? "" : decoder.decode(chunk);
    start = end;
  }
  const chunk = intake.end();
  left += chunk === undefined ? "" : decoder.decode(chunk);
  return { numbers: taken.map(({ params }) => (params.data as { n: number }).n), left };
}

const cuts = fc.array(fc.nat());
const texts = fc.array(fc.string({ unit: "binary" }), { maxLength: 8 });

test("takes every notification of the stream in order, however the body is cut, and leaves the rest", () => {
  fc.assert(
    fc.property(texts, cuts, (strings, at) => {
      const result = frame('{"jsonrpc":"2.0","id":7,"result":{}}');
      const body = strings.map((text, n) => `${frame(event(n, text))}: keepalive\n\n`).join("") + result;
      const { numbers, left } = feed(body, at);
      expect(numbers).toEqual(strings.map((_, n) => n));
      expect(left).toBe(": keepalive\n\n".repeat(strings.length) + result);
    }),
  );
});

const OTHER_WAYS: Record<string, (json: string) => string> = {
  "CRLF line ends": (json) => `event: message\r\ndata: ${json}\r\n\r\n`,
  "an id for resumption": (json) => `id: 1\ndata: ${json}\n\n`,
  "no space after the colon": (json) => `data:${json}\n\n`,
  "data on several lines": (json) => `data: ${json.slice(0, 40)}\ndata: ${json.slice(40)}\n\n`,
  "another stream's id": (json) => frame(json.replace(`"${SUBSCRIPTION}":7`, `"${SUBSCRIPTION}":8`)),
};

test.each(Object.entries(OTHER_WAYS))(
  "a frame with %s goes to the SDK unchanged, and so do all after it",
  (_, other) => {
    fc.assert(
      fc.property(cuts, (at) => {
        const rest = other(event(1, "é")) + frame(event(2, "東京"));
        const { numbers, left } = feed(frame(event(0, "a")) + rest, at);
        expect(numbers.length).toBeLessThanOrEqual(1);
        expect(frame(event(0, "a")).repeat(1 - numbers.length) + rest).toBe(left);
      }),
    );
  },
);

test("what never ends a frame is not held without a bound", () => {
  const { left } = feed("x".repeat(3 * 1024 * 1024), [1_200_000, 2_000_000]);
  expect(left).toHaveLength(3 * 1024 * 1024);
});
