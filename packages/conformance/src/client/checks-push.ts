import { type Check, sep } from "../kit/check";
import { same } from "../kit/expect";
import { type ClientContext, TYPE } from "./context";

const LIFECYCLE = sep("Lifecycle");
const CURSORS = sep("Cursor Lifecycle");
const FORBIDDEN = -32024;

/** A server that the client came to, and its stream, active from `start`. */
async function opened(context: ClientContext) {
  const server = await context.start();
  const stream = await context.stream(server);
  stream.active("start");
  return { server, stream };
}

/** How a client lives with streams (PUSH, CUR). */
export const clientPushChecks: readonly Check<ClientContext>[] = [
  {
    id: "PUSH-2.hands-on",
    title: "events reach the application in the order of the stream",
    severity: "MUST",
    reference: sep("Push-Based Delivery"),
    async run(context) {
      const stream = await context.stream(await context.start());
      same(stream.request.params.name, TYPE, "name of the event type");
      stream.active("start");
      for (const id of ["a", "b", "c"]) stream.event(id, TYPE);
      await context.mustSee(["a", "b", "c"]);
    },
  },
  {
    id: "PUSH-9.reconnect",
    title: "a stream that broke is opened again from the last cursor",
    severity: "MUST",
    reference: LIFECYCLE,
    async run(context) {
      const { server, stream } = await opened(context);
      for (const id of ["a", "b"]) stream.event(id, TYPE);
      await context.mustSee(["a", "b"]);
      stream.drop();
      const again = await context.stream(server);
      same(again.request.params.cursor, "after-b", "cursor of the new stream");
      again.active("after-b");
      again.event("c", TYPE);
      await context.mustSee(["a", "b", "c"]);
    },
  },
  {
    id: "PUSH-9.silence",
    title: "a stream without events and heartbeats for twice the interval is dead: the client opens another",
    severity: "SHOULD",
    reference: LIFECYCLE,
    async run(context) {
      const server = await context.start();
      (await context.stream(server)).active("start");
      const { heartbeatMs, patienceMs } = context.settings;
      const again = await context.stream(server, 2 * heartbeatMs + patienceMs);
      same(again.request.params.cursor, "start", "cursor of the new stream");
    },
  },
  {
    id: "PUSH-7.finished",
    title: "a stream that the server closed in good order is opened again from the last cursor",
    severity: "MUST",
    reference: LIFECYCLE,
    async run(context) {
      const { server, stream } = await opened(context);
      stream.event("a", TYPE);
      await context.mustSee(["a"]);
      stream.finish();
      same((await context.stream(server)).request.params.cursor, "after-a", "cursor of the new stream");
    },
  },
  {
    id: "CUR-4.heartbeat",
    title: "the cursor of a heartbeat is where the client goes on",
    severity: "SHOULD",
    reference: CURSORS,
    async run(context) {
      const { server, stream } = await opened(context);
      stream.heartbeat("later");
      stream.event("a", TYPE, "even-later");
      stream.heartbeat("latest");
      await context.mustSee(["a"]);
      await context.quiet();
      stream.drop();
      same((await context.stream(server)).request.params.cursor, "latest", "cursor of the new stream");
    },
  },
  {
    id: "CUR-3.null",
    title: "a type without replay is gone on with from null",
    severity: "MUST",
    reference: CURSORS,
    async run(context) {
      const server = await context.start();
      const stream = await context.stream(server);
      stream.active(null);
      stream.event("a", TYPE, null);
      await context.mustSee(["a"]);
      stream.drop();
      same((await context.stream(server)).request.params.cursor ?? null, null, "cursor of the new stream");
    },
  },
  {
    id: "CUR-6.truncated",
    title: "what was skipped is told to the application before any later event",
    severity: "SHOULD",
    reference: CURSORS,
    async run(context) {
      const { server, stream } = await opened(context);
      stream.event("a", TYPE);
      await context.mustSee(["a"]);
      stream.drop();
      const again = await context.stream(server);
      again.active("fresh", true);
      again.event("z", TYPE);
      await context.mustSee(["a", "gap", "z"]);
    },
  },
  {
    id: "PUSH-6.gap",
    title: "a gap in mid-stream is told in its place, and the stream goes on",
    severity: "SHOULD",
    reference: CURSORS,
    async run(context) {
      const stream = await context.stream(await context.start());
      stream.active("start");
      stream.event("a", TYPE);
      stream.active("fresh", true);
      stream.event("z", TYPE);
      await context.mustSee(["a", "gap", "z"]);
    },
  },
  {
    id: "OCC-2.duplicate",
    title: "an event that comes again after a reconnection reaches the application once",
    severity: "SHOULD",
    reference: sep("Event Occurrences"),
    async run(context) {
      const { server, stream } = await opened(context);
      for (const id of ["a", "b"]) stream.event(id, TYPE);
      await context.mustSee(["a", "b"]);
      stream.drop();
      const again = await context.stream(server);
      again.active("start");
      for (const id of ["b", "c"]) again.event(id, TYPE);
      await context.mustSee(["a", "b", "c"]);
    },
  },
  {
    id: "PUSH-5.error",
    title: "an error does not end the subscription",
    severity: "MUST",
    reference: sep("Push-Based Delivery"),
    async run(context) {
      const { server, stream } = await opened(context);
      stream.error(-32603);
      await context.quiet();
      same(server.streams.all.length, 1, "streams opened");
      stream.event("a", TYPE);
      await context.mustSee(["a"]);
    },
  },
  {
    id: "PUSH-5.terminated",
    title: "terminated is told to the application, and the subscription is not opened again",
    severity: "SHOULD",
    reference: sep("Subscription Termination"),
    async run(context) {
      const { server, stream } = await opened(context);
      stream.event("a", TYPE);
      stream.terminated(FORBIDDEN);
      stream.finish();
      await context.mustSee(["a", "terminated"]);
      await context.quiet();
      same(server.streams.all.length, 1, "streams opened");
    },
  },
];
