import { METHODS, NOTIFICATION_PREFIX, SUBSCRIPTION_ID } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { must, needs, same, show, type Wire } from "../../kit/expect";
import { within } from "../../kit/within";
import { exampleOf } from "../example";
import { notOffering, offers } from "../subject";
import type { ServerCheck } from "./server-check";

const REFERENCE = sep("Push-Based Delivery");
/** Streams held open at once by one caller. */
const MANY = 12;

const idsOf = (events: Wire[]) => events.map(({ eventId }) => eventId);

/** How `events/stream` behaves (PUSH). */
export const pushChecks: readonly ServerCheck[] = [
  {
    id: "PUSH-1.unknown-name",
    title: "a stream of an unknown event is NotFound, and no stream is opened",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const stream = context.track(
        await context.connection.stream(METHODS.stream, { name: "no.such.event" }),
      );
      await within(stream.over, context.settings.patienceMs, "an answer to events/stream");
      context.mustFail(stream.response, "NotFound", { kind: "event" });
      same(stream.messages, [], "messages before the error");
    },
  },
  {
    id: "PUSH-1.mode",
    title: "a stream of a type that does not offer push is Unsupported",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const params = notOffering(context.session, "push");
      const stream = context.track(await context.connection.stream(METHODS.stream, params));
      await within(stream.over, context.settings.patienceMs, "an answer to events/stream");
      context.mustFail(stream.response, "Unsupported", { feature: "deliveryMode", value: "push" });
    },
  },
  {
    id: "PUSH-2.active-first",
    title: "active comes first, with a cursor or null and truncated",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const stream = await context.stream(subject);
      const { method, params } = await stream.next(context.settings.patienceMs);
      same(method, "notifications/events/active", "first message");
      const { cursor = null, truncated } = params;
      must(cursor === null || typeof cursor === "string", `cursor is ${show(cursor)}`);
      same(truncated, false, "truncated of a stream from now");
    },
  },
  {
    id: "PUSH-2.replay-after-active",
    title: "a replay comes after active, too",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "push", also: "poll" });
      const cursor = await context.now(subject);
      await context.provoke(subject, 2);
      const polled = await context.pollEvents(subject, cursor, 2);
      const stream = await context.stream(subject, { cursor });
      const first = await stream.next(context.settings.patienceMs);
      same(first.method, "notifications/events/active", "first message");
      same(first.params.truncated, false, "truncated");
      const events = await context.streamed(subject, stream, 2);
      same(idsOf(events), idsOf(polled.slice(0, 2)), "ids of the replay");
    },
  },
  {
    id: "PUSH-2.cursor-after",
    title: "the cursor of a pushed event lies after it: a stream from there begins with the next",
    severity: "MUST",
    reference: sep("Cursor advancement"),
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await context.provoke(subject, 3);
      const events = await context.streamed(subject, stream, 3);
      needs(typeof events[0].cursor === "string", `${subject.name} does not replay`);
      const resumed = await context.activeStream(subject, { cursor: events[0].cursor });
      same(resumed.active.truncated, false, "truncated");
      const rest = await context.streamed(subject, resumed.stream, 2);
      same(idsOf(rest), idsOf(events.slice(1)), "ids after the first event's cursor");
    },
  },
  {
    id: "PUSH-3.subscription-id",
    title: "every message of a stream names the id of its request",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await context.provoke(subject);
      await context.streamed(subject, stream, 1);
      for (const { method, params } of stream.messages) {
        same(params?._meta?.[SUBSCRIPTION_ID], stream.id, `subscription id of ${method}`);
      }
    },
  },
  {
    id: "PUSH-4.heartbeat",
    title: "a quiet stream has a heartbeat, as a message with a cursor",
    severity: "MUST",
    reference: sep("Lifecycle"),
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream, active } = await context.activeStream(subject);
      const { params } = await stream.next(context.settings.heartbeatMs, "heartbeat");
      same(typeof (params?.cursor ?? null), typeof (active.cursor ?? null), "kind of the heartbeat's cursor");
    },
  },
  {
    id: "PUSH-4.position",
    title: "the cursor of a heartbeat lies after every event before it",
    severity: "MUST",
    reference: sep("Lifecycle"),
    async run(context) {
      const subject = await context.subject({ mode: "push", also: "poll" });
      await context.now(subject);
      const { stream } = await context.activeStream(subject);
      await context.provoke(subject);
      const [event] = await context.streamed(subject, stream, 1);
      const { params } = await stream.next(context.settings.heartbeatMs, "heartbeat");
      const { events } = await context.poll(subject, { cursor: params.cursor });
      must(!idsOf(events).includes(event.eventId), "an event comes again from the heartbeat's cursor");
    },
  },
  {
    id: "PUSH-5.error",
    title: "a failing upstream is told as an error, and the stream goes on",
    severity: "SHOULD",
    reference: REFERENCE,
    async run(context) {
      context.needControl("fail_upstream");
      for (const [name, descriptor] of context.session.types) {
        const args =
          name === context.settings.type ? context.settings.arguments : exampleOf(descriptor.inputSchema);
        if (!offers(descriptor, "push") || args === undefined) continue;
        const subject = { name, arguments: args, descriptor, source: "itself" } as const;
        const stream = await context.stream(subject);
        const active = await stream.inbox.tryNext(context.settings.patienceMs);
        if (
          active === undefined ||
          (await context.session.call("fail_upstream", { name, times: 1 })) === undefined
        ) {
          continue;
        }
        const { params } = await stream.next(context.settings.patienceMs, "error");
        must(typeof params.error?.message === "string", `error is ${show(params.error)}`);
        await context.streamed(subject, stream, 1);
        return;
      }
      needs(false, "no upstream could be made to fail");
    },
  },
  {
    id: "PUSH-7.cancelled",
    title: "nothing comes for a stream that was cancelled",
    severity: "MUST",
    reference: sep("Lifecycle"),
    async run(context) {
      needs(context.connection.carrier === "stdio", "over HTTP the abort leaves nothing to look at");
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      stream.cancel();
      await context.ok(METHODS.list);
      const before = stream.messages.length;
      await context.provoke(subject);
      await context.quiet();
      same(stream.messages.length - before, 0, "messages after the cancellation");
    },
  },
  {
    id: "PUSH-8.own",
    title: "two streams at once each get every event once, and nothing but their own messages",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream: one } = await context.activeStream(subject);
      const { stream: two } = await context.activeStream(subject);
      await context.provoke(subject, 3);
      const [first] = await context.streamed(subject, two, 1);
      const seen = [first, ...(await context.streamed(subject, two, 2))];
      const all = await context.streamed(subject, one, 3);
      const from = idsOf(all).indexOf(first.eventId);
      must(from >= 0, "the streams got different events");
      for (const events of [all, seen]) same(new Set(idsOf(events)).size, events.length, "different events");
      same(idsOf(all.slice(from)), idsOf(seen.slice(0, all.length - from)), "ids of the two streams");
      for (const stream of [one, two]) {
        const foreign = stream.messages.filter(({ method }) => !method.startsWith(NOTIFICATION_PREFIX));
        same(foreign, [], "other messages");
      }
    },
  },
  {
    id: "PUSH-8.many",
    title: "streams are not counted as concurrent requests: a dozen are open, and requests are answered",
    severity: "MUST",
    reference: sep("Lifecycle"),
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      await Promise.all(Array.from({ length: MANY }, () => context.activeStream(subject)));
      await context.ok(METHODS.list);
    },
  },
];
