import { EventsError, WireError } from "@mcp-events/protocol";
import { check, equal, until, within } from "./assert";
import { StreamReader } from "./stream-reader";
import { StreamServer, whenAborted } from "./stream-server";
import type { TransportCase, TransportUnderTest } from "./under-test";

function serveOpen(transport: TransportUnderTest): StreamServer {
  const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
    await server.active(channel, request);
    await whenAborted(channel);
  });
  return server;
}

/** How streams end, by each side, and that nothing of them stays. */
export const endingCases: readonly TransportCase[] = [
  {
    id: "cancel",
    title: "PUSH-7 [pitfall 17] the client's cancel ends the server's channel, and only that",
    needs: [],
    async run(transport) {
      const server = serveOpen(transport);
      const [first, second] = [{}, {}].map((params) => new StreamReader(transport.connection, params));
      check(first !== undefined && second !== undefined, "two readers");
      await first.received(1);
      await second.received(1);
      first.cancel();
      await first.ended();
      equal(first.end, "ended", "the cancelled stream");
      await until(() => server.open === 1, "the end of one channel");
      equal([server.aborted, second.end], [1, "open"], "aborted channels, the other stream");
      second.cancel();
      await until(() => server.open === 0, "the end of both channels");
    },
  },
  {
    id: "cancel-while-writing",
    title: "PUSH-7 a cancel while the server writes without pause ends the channel",
    needs: [],
    async run(transport) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        while (!channel.signal.aborted) await server.events(channel, request, 64, { batch: 64 });
      });
      const reader = new StreamReader(transport.connection, {});
      await reader.received(100);
      reader.cancel();
      await until(() => server.open === 0, "the end of the channel");
    },
  },
  {
    id: "cancel-early",
    title: "[pitfall 22] a cancel before the channel is opened ends the request",
    needs: [],
    async run(transport) {
      let running = 0;
      let ended = 0;
      transport.host.handle("events/stream", async (request) => {
        running += 1;
        await new Promise<void>((resolve) => request.signal.addEventListener("abort", () => resolve()));
        ended += 1;
        const channel = request.stream();
        equal(channel.signal.aborted, true, "a channel opened after the end");
        channel.release();
        return {};
      });
      const reader = new StreamReader(transport.connection, {});
      await until(() => running === 1, "the request");
      reader.cancel();
      await until(() => ended === 1, "the end of the request");
    },
  },
  {
    id: "server-end",
    title: "PUSH-7 a stream that the server ends has ended for the client, after all its messages",
    needs: [],
    async run(transport) {
      const server: StreamServer = new StreamServer(transport.host, async (channel, request) => {
        await server.active(channel, request);
        await server.events(channel, request, 300);
      });
      const reader = new StreamReader(transport.connection, {});
      await reader.ended();
      equal(reader.end, "ended", "end");
      equal(reader.messages.length, 301, "messages");
      equal(server.open, 0, "open channels");
    },
  },
  {
    id: "refusal",
    title: "PUSH-1 a refusal arrives with its name and data, and opens no stream",
    needs: [],
    async run(transport) {
      transport.host.handle("events/stream", async () => {
        throw new WireError("ResourceExhausted", "5 subscriptions are the limit", {
          limit: "subscriptions",
          max: 5,
        });
      });
      const reader = new StreamReader(transport.connection, {});
      await reader.ended();
      const { error } = reader;
      check(WireError.is(error), `expected a WireError, got ${String(error)}`);
      equal(
        [error.error, error.message, error.data],
        ["ResourceExhausted", "5 subscriptions are the limit", { limit: "subscriptions", max: 5 }],
        "refusal",
      );
      const asked = await within(
        transport.connection.request("events/stream", {}).catch((reason: unknown) => reason),
        "the answer to a plain request",
      );
      check(
        WireError.is(asked) && asked.error === "ResourceExhausted",
        `a plain request got ${String(asked)}`,
      );
    },
  },
  {
    id: "unexpected-failure",
    title: "an unexpected failure leaves the server as a bare internal error",
    needs: [],
    async run(transport) {
      transport.host.handle("events/stream", async () => {
        throw new TypeError("secret detail");
      });
      const reader = new StreamReader(transport.connection, {});
      await reader.ended();
      check(
        WireError.is(reader.error) && reader.error.error === "InternalError",
        "expected an InternalError",
      );
      check(
        !reader.error.message.includes("secret"),
        "the message of an unexpected error reached the client",
      );
    },
  },
  {
    id: "cut",
    title: "PUSH-9 a connection that is cut ends the stream on both sides",
    needs: ["cut"],
    async run(transport) {
      const server = serveOpen(transport);
      const reader = new StreamReader(transport.connection, {});
      await reader.received(1);
      transport.cut?.();
      await reader.ended();
      const { error } = reader;
      check(
        EventsError.is(error) && error.code === "stream_ended" && error.retryable,
        `expected a retryable stream_ended, got ${String(error)}`,
      );
      await until(() => server.open === 0, "the end of the server's channel");
    },
  },
  {
    id: "close",
    title: "closing the connection releases every channel and ends every stream",
    needs: [],
    async run(transport) {
      const server = serveOpen(transport);
      const readers = Array.from({ length: 5 }, () => new StreamReader(transport.connection, {}));
      for (const reader of readers) await reader.received(1);
      await transport.close();
      for (const reader of readers) await reader.ended();
      await until(() => server.open === 0, "the end of the server's channels");
    },
  },
  {
    id: "id-zero",
    title: "[pitfall 36] a request id of 0 is an id: its stream runs and its cancel ends it",
    needs: ["openWithIdZero"],
    async run(transport) {
      const server = serveOpen(transport);
      const stream = await within(
        transport.openWithIdZero?.({ name: "suite.event" }) ?? Promise.reject(new Error("not given")),
        "the first message of the stream with id 0",
      );
      equal(server.open, 1, "open channels");
      await stream.cancel();
      await until(() => server.open === 0, "the end of the channel");
    },
  },
];
