import { METHODS } from "@mcp-events/protocol";
import { ordering, sep } from "../../kit/check";
import { must, same, show, type Wire } from "../../kit/expect";
import { pause } from "../../kit/within";
import type { ServerContext } from "../context";
import type { Subject } from "../subject";
import type { ServerCheck } from "./server-check";

const REFERENCE = sep("Cursor Lifecycle");

/** Lets events happen and waits until they can be polled; the cursor before them, and they. */
async function past(
  context: ServerContext,
  count = 1,
): Promise<{ subject: Subject; cursor: string; events: Wire[] }> {
  const subject = await context.subject({ mode: "poll" });
  const cursor = await context.now(subject);
  await context.provoke(subject, count);
  return { subject, cursor, events: await context.pollEvents(subject, cursor, count) };
}

const idsOf = (events: Wire[]) => events.map(({ eventId }) => eventId);

/** How cursors live (CUR). */
export const cursorChecks: readonly ServerCheck[] = [
  {
    id: "CUR-1.absent",
    title: "a cursor that is left out means the same as null",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      const { name, arguments: args } = subject;
      const absent = await context.ok(METHODS.poll, { name, arguments: args });
      const none = await context.poll(subject, { cursor: null });
      same(absent.events, [], "events of a poll without a cursor");
      same(typeof (absent.cursor ?? null), typeof (none.cursor ?? null), "kind of cursor");
    },
  },
  {
    id: "CUR-2.now",
    title: "null starts from now: nothing of before is replayed",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { subject } = await past(context);
      const { events } = await context.poll(subject, { cursor: null });
      same(events, [], "events of a poll from now");
    },
  },
  {
    id: "CUR-2.onwards",
    title: "what happens after a start from now is delivered",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { events } = await past(context, 2);
      must(events.length >= 2, "an event is missing");
    },
  },
  {
    id: "CUR-3.consistent",
    title: "an event type gives a cursor always, or never",
    severity: "SHOULD",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "poll", also: "push" });
      const { cursor } = await context.poll(subject);
      const { stream, active } = await context.activeStream(subject);
      await context.provoke(subject);
      const [event] = await context.streamed(subject, stream, 1);
      const kinds = [cursor, active.cursor, event.cursor].map((found) => typeof (found ?? null));
      same(new Set(kinds).size, 1, `kinds of cursor (${kinds.join(", ")})`);
    },
  },
  {
    id: "CUR-4.advances",
    title: "the cursor of a poll lies after its events: they do not come again",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { subject, cursor, events } = await past(context);
      const page = await context.poll(subject, { cursor });
      const again = await context.poll(subject, { cursor: page.cursor });
      const seen = idsOf(page.events);
      must(seen.length >= Math.min(1, events.length), "a replay is missing an event");
      const repeated = idsOf(again.events).filter((id) => seen.includes(id));
      same(repeated, [], "repeated events");
    },
  },
  {
    id: "CUR-5.floor",
    title: "maxAgeMs keeps older events from being replayed",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { subject, cursor, events } = await past(context);
      await pause(60);
      const page = await context.poll(subject, { cursor, maxAgeMs: 30 });
      const old = idsOf(page.events).filter((id) => idsOf(events).includes(id));
      same(old, [], "events older than maxAgeMs");
    },
  },
  {
    id: "CUR-5.truncated",
    title: "a floor that passed the cursor is told as truncated",
    severity: "SHOULD",
    reference: REFERENCE,
    async run(context) {
      const { subject, cursor } = await past(context);
      await pause(60);
      same((await context.poll(subject, { cursor, maxAgeMs: 30 })).truncated, true, "truncated");
    },
  },
  {
    id: "CUR-5.null",
    title: "maxAgeMs is ignored with a null cursor",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { subject } = await past(context);
      const page = await context.poll(subject, { cursor: null, maxAgeMs: 3_600_000 });
      same([page.events, page.truncated], [[], false], "events and truncated");
    },
  },
  {
    id: "CUR-6.unreadable",
    title: "an unreadable cursor is a gap with a fresh cursor, never an error",
    severity: "SHOULD",
    reference: ordering("rule 3"),
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      await context.now(subject);
      const page = await context.poll(subject, { cursor: "no-such-cursor ✗" });
      same(page.truncated, true, "truncated");
      must(typeof page.cursor === "string", `the fresh cursor is ${show(page.cursor)}`);
    },
  },
  {
    id: "CUR-6.poll",
    title: "a poll from before what retention kept is truncated, and goes on from a fresh cursor",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      context.needControl("truncate");
      const { subject, cursor } = await past(context, 2);
      await context.control("truncate", { name: subject.name });
      const page = await context.poll(subject, { cursor });
      same(page.truncated, true, "truncated");
      must(typeof page.cursor === "string" && page.cursor !== cursor, "there is no fresh cursor");
      await context.provoke(subject);
      await context.pollEvents(subject, page.cursor, 1);
      same(
        (await context.poll(subject, { cursor: page.cursor })).truncated,
        false,
        "truncated, from the fresh cursor",
      );
    },
  },
  {
    id: "CUR-6.push",
    title: "a stream from before what retention kept says truncated in active, and goes on",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      context.needControl("truncate");
      const subject = await context.subject({ mode: "push", also: "poll" });
      const cursor = await context.now(subject);
      await context.provoke(subject, 2);
      await context.pollEvents(subject, cursor, 2);
      await context.control("truncate", { name: subject.name });
      const { stream, active } = await context.activeStream(subject, { cursor });
      same(active.truncated, true, "truncated of active");
      must(typeof active.cursor === "string" && active.cursor !== cursor, "active has no fresh cursor");
      await context.provoke(subject);
      await context.streamed(subject, stream, 1);
    },
  },
];
