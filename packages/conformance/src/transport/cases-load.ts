import { check, equal, pause, until } from "./assert";
import { StreamReader } from "./stream-reader";
import { StreamServer, whenAborted } from "./stream-server";
import type { TransportCase } from "./under-test";

const EVENTS = 20_000;
const BODY = "x".repeat(1_000);
const AT_ONCE = 25;
const MOST_BYTES = 10 * 1024 * 1024;

/** Waits until a number has stopped growing. */
async function settled(read: () => number): Promise<number> {
  let last = -1;
  for (let same = 0; same < 4; ) {
    await pause(50);
    same = read() === last ? same + 1 : 0;
    last = read();
  }
  return last;
}

/** Much at once: a client that does not read, many streams. */
export const loadCases: readonly TransportCase[] = [
  {
    id: "back-pressure",
    title: "[pitfall 19] to a client that does not read, under 10 MiB of 20 leave; then all arrive in order",
    needs: ["stall"],
    async run(transport) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        await server.events(channel, request, EVENTS, { data: { body: BODY } });
        await whenAborted(channel);
      });
      const resume = transport.stall?.() ?? (() => {});
      const reader = new StreamReader(transport.connection, {}, EVENTS + 1);
      const written = await settled(() => server.written);
      check(written * BODY.length < MOST_BYTES, `${written} KB were written to a client that does not read`);
      resume();
      await reader.received(EVENTS + 1);
      const { numbers } = reader;
      equal(numbers.length, EVENTS, "events");
      check(
        numbers.every((n, index) => n === index),
        "the events came out of order",
      );
      reader.cancel();
    },
  },
  {
    id: "cancel-while-stalled",
    title: "[pitfall 19] a writer that waits for a client that does not read is let go when the stream ends",
    needs: ["stall", "cut"],
    async run(transport) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        await server.events(channel, request, EVENTS, { data: { body: BODY } });
      });
      transport.stall?.();
      const reader = new StreamReader(transport.connection, {});
      await settled(() => server.written);
      check(server.open === 1 && server.written < EVENTS, "the writer does not wait");
      transport.cut?.();
      await until(() => server.open === 0, "the end of the waiting writer");
      reader.cancel();
    },
  },
  {
    id: "many-streams",
    title: "[pitfall 17] many streams opened and dropped leave nothing behind",
    needs: ["held"],
    async run(transport, { streams }) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        await server.events(channel, request, 2);
        await whenAborted(channel);
      });
      const before = transport.held?.() ?? 0;
      for (let left = streams; left > 0; left -= AT_ONCE) {
        const readers = Array.from(
          { length: Math.min(left, AT_ONCE) },
          () => new StreamReader(transport.connection, {}),
        );
        for (const reader of readers) await reader.received(3);
        for (const reader of readers) reader.cancel();
        for (const reader of readers) await reader.ended();
      }
      await until(() => server.open === 0, "the end of every channel");
      equal(server.opened, streams, "streams opened");
      await until(
        () => (transport.held?.() ?? 0) <= before,
        `nothing held (${transport.held?.()} held, ${before} before)`,
      );
    },
  },
];
