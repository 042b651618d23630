import { NOTIFICATIONS, type StreamChannel } from "@mcp-events/protocol";
import { check, equal, within } from "./assert";
import { StreamReader } from "./stream-reader";
import { notification, StreamServer, whenAborted } from "./stream-server";
import type { TransportCase, TransportUnderTest } from "./under-test";

/** A server that writes `active` and so many events, then waits for the abort. */
function serve(
  transport: TransportUnderTest,
  count: number,
  data: Record<string, unknown> = {},
): StreamServer {
  const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
    await server.active(channel, request);
    await server.events(channel, request, count, { data });
    await whenAborted(channel);
  });
  return server;
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** What flows: order, routing, other traffic, content. */
export const flowCases: readonly TransportCase[] = [
  {
    id: "order",
    title: "PUSH-2 messages arrive in the order written, active first",
    needs: [],
    async run(transport) {
      serve(transport, 1_000);
      const reader = new StreamReader(transport.connection, { name: "suite.event" });
      await reader.received(1_001);
      equal(reader.messages[0]?.method, NOTIFICATIONS.active, "first message");
      equal(reader.numbers, range(1_000), "events");
      reader.cancel();
    },
  },
  {
    id: "first-at-once",
    title: "the first message arrives while the server goes on writing",
    needs: [],
    async run(transport) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        while (!channel.signal.aborted) await server.events(channel, request, 8);
      });
      const reader = new StreamReader(transport.connection, {});
      await reader.received(2);
      equal(reader.messages[0]?.method, NOTIFICATIONS.active, "first message");
      reader.cancel();
      await reader.ended();
    },
  },
  {
    id: "two-streams",
    title: "PUSH-3 PUSH-8 two streams at once each get their own, in order",
    needs: [],
    async run(transport) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        await server.events(channel, request, 200, { data: { of: request.params.name }, batch: 3 });
        await whenAborted(channel);
      });
      const readers = ["a", "b"].map((name) => new StreamReader(transport.connection, { name }));
      for (const [index, reader] of readers.entries()) {
        await reader.received(201);
        equal(reader.numbers, range(200), `events of stream ${index}`);
        const owners = new Set(
          reader.messages.slice(1).map(({ params }) => (params.data as { of: string }).of),
        );
        equal([...owners], [index === 0 ? "a" : "b"], `owner of stream ${index}`);
      }
      for (const reader of readers) reader.cancel();
    },
  },
  {
    id: "request-meanwhile",
    title: "a plain request is answered while a stream writes",
    needs: [],
    async run(transport) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        while (!channel.signal.aborted) await server.events(channel, request, 8);
      });
      const reader = new StreamReader(transport.connection, {});
      await reader.received(2);
      const result = await within(
        transport.connection.request("events/list", {}),
        "the answer to events/list",
      );
      equal(result.events, [], "result");
      reader.cancel();
    },
  },
  {
    id: "nothing-before",
    title: "PUSH-2 nothing arrives before the first write",
    needs: [],
    async run(transport) {
      let write = (_: StreamChannel) => {};
      const written = new Promise<StreamChannel>((resolve) => {
        write = resolve;
      });
      let go = () => {};
      const going = new Promise<void>((resolve) => {
        go = resolve;
      });
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        write(channel);
        await going;
        await server.active(channel, request);
        await whenAborted(channel);
      });
      const reader = new StreamReader(transport.connection, {});
      await within(written, "the opening of the stream");
      await within(transport.connection.request("events/list", {}), "the answer to events/list");
      equal(reader.messages.length, 0, "messages before the first write");
      go();
      await reader.received(1);
      reader.cancel();
    },
  },
  {
    id: "large-message",
    title: "OCC-3 a message of 200 KiB arrives whole, in its place",
    needs: [],
    async run(transport) {
      const body = "x".repeat(200 * 1024);
      serve(transport, 3, { body });
      const reader = new StreamReader(transport.connection, {});
      await reader.received(4);
      equal(reader.numbers, [0, 1, 2], "events");
      check(
        reader.messages.slice(1).every(({ params }) => (params.data as { body: string }).body === body),
        "a body changed on its way",
      );
      reader.cancel();
    },
  },
  {
    id: "unicode",
    title: "text of any script, line separators and control characters arrive unchanged",
    needs: [],
    async run(transport) {
      const text = 'späť 東京 🎉👩‍👩‍👧 \u2028\u2029\u0085 "\\ \n\r\n\t \u0000 data: x\n\n';
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        const messages = range(20).map((n) =>
          notification(request, NOTIFICATIONS.event, { data: { n, text: text.repeat(n + 1) } }),
        );
        await server.write(channel, messages);
        await whenAborted(channel);
      });
      const reader = new StreamReader(transport.connection, {});
      await reader.received(21);
      const texts = reader.messages.slice(1).map(({ params }) => (params.data as { text: string }).text);
      equal(
        texts,
        range(20).map((n) => text.repeat(n + 1)),
        "texts",
      );
      reader.cancel();
    },
  },
];
