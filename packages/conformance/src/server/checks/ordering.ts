import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { ordering, sep, Untestable } from "../../kit/check";
import { must, needs, same, show, type Wire } from "../../kit/expect";
import type { ServerContext } from "../context";
import { exampleOf } from "../example";
import type { Posted } from "../hook";
import { offers, type Subject } from "../subject";
import type { ServerCheck } from "./server-check";

const COUNT = 10;
const idsOf = (events: readonly Wire[]) => events.map(({ eventId }) => eventId);
const marksOf = (events: readonly Wire[]): Wire[] => events.map(({ _meta }) => _meta?.[ORDERING_EXTENSION]);

function needMarks({ session }: ServerContext): void {
  needs(session.ordered, "the server does not declare dev.mcp-events/ordering");
}

/** Ten pushed events and the position of the `active` before them. */
async function pushed(context: ServerContext) {
  const subject = await context.subject({ mode: "push" });
  const { stream, active } = await context.activeStream(subject);
  await context.provoke(subject, COUNT);
  return { subject, active, events: await context.streamed(subject, stream, COUNT) };
}

/** Ten polled events, and the cursor before them. */
async function polled(context: ServerContext, subject: Subject) {
  const cursor = await context.now(subject);
  await context.provoke(subject, COUNT);
  const events = await context.pollEvents(subject, cursor, COUNT);
  return { cursor, ids: idsOf(events.slice(0, COUNT)) };
}

/** What the ordering contract adds (ORD), and what of it the SEP asks for by itself. */
export const orderingChecks: readonly ServerCheck[] = [
  {
    id: "ORD-1.numbers",
    title: "numbers of a stream's events grow strictly",
    severity: "MUST",
    reference: ordering("ORD-1"),
    async run(context) {
      needMarks(context);
      const { events } = await pushed(context);
      const numbers = marksOf(events).map((mark) => mark?.seq);
      must(numbers.every(Number.isSafeInteger), `numbers are ${show(numbers)}`);
      const grows = numbers.every((seq, index) => index === 0 || seq > numbers[index - 1]);
      must(grows, `numbers do not grow: ${show(numbers)}`);
    },
  },
  {
    id: "ORD-2.chain",
    title: "each event names the one before it, the first the position of active",
    severity: "MUST",
    reference: ordering("ORD-2"),
    async run(context) {
      needMarks(context);
      const { active, events } = await pushed(context);
      const marks = marksOf(events);
      const through = active._meta?.[ORDERING_EXTENSION]?.through;
      const expected = [through, ...marks.slice(0, -1).map((mark) => mark?.seq)];
      same(
        marks.map((mark) => mark?.prev),
        expected,
        "prev of each event",
      );
    },
  },
  {
    id: "ORD-4.push",
    title: "a stream from a cursor gives the same events in the same order as a poll from there",
    severity: "MUST",
    reference: sep("Ordering and Delivery Guarantees"),
    async run(context) {
      const subject = await context.subject({ mode: "push", also: "poll" });
      const { cursor, ids } = await polled(context, subject);
      const { stream } = await context.activeStream(subject, { cursor });
      same(idsOf(await context.streamed(subject, stream, COUNT)), ids, "ids of the stream");
    },
  },
  {
    id: "ORD-4.webhook",
    title: "webhooks from a cursor bring the same events in the same order as a poll from there",
    severity: "SHOULD",
    reference: ordering("ORD-4"),
    async run(context) {
      const subject = await context.subject({ mode: "webhook", also: "poll" });
      const { cursor, ids } = await polled(context, subject);
      const hook = await context.hook();
      await context.subscribe({ ...context.subscription(subject, hook), cursor });
      same(idsOf(await context.delivered(subject, hook, COUNT)), ids, "ids of the deliveries");
    },
  },
  {
    id: "ORD-5.one-log",
    title: "numbers of event types on one log can be compared: what happened later has the greater one",
    severity: "MUST",
    reference: ordering("ORD-5"),
    async run(context) {
      needMarks(context);
      const [one, two] = await twoOfOneLog(context);
      const cursors = [await context.now(one), await context.now(two)] as const;
      for (const subject of [one, two, one]) await context.provoke(subject);
      const ones = marksOf(await context.pollEvents(one, cursors[0], 2));
      const [middle] = marksOf(await context.pollEvents(two, cursors[1], 1));
      const numbers = [ones[0]?.seq, middle?.seq, ones[1]?.seq];
      must(numbers[0] < numbers[1] && numbers[1] < numbers[2], `numbers are ${show(numbers)}`);
    },
  },
  {
    id: "ORD-8.emit-order",
    title: "events come in the order in which they happened one after another",
    severity: "MUST",
    reference: ordering("ORD-8"),
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      needs(subject.source === "emit", "it takes a tool emit of the server (--controls)");
      const cursor = await context.now(subject);
      await context.provoke(subject, COUNT);
      const events = await context.pollEvents(subject, cursor, COUNT);
      const numbers = events.map(({ data }) => data.n);
      const expected = Array.from({ length: COUNT }, (_, index) => index + 1);
      same(numbers, expected, "n of the events of one batch");
    },
  },
  {
    id: "RULE-7.heartbeat",
    title: "a heartbeat travels after every event at or before its position",
    severity: "MUST",
    reference: ordering("rule 7"),
    async run(context) {
      needMarks(context);
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await context.provoke(subject, 3);
      const events = await context.streamed(subject, stream, 3);
      const { params } = await stream.next(context.settings.heartbeatMs, "heartbeat");
      const through = params._meta?.[ORDERING_EXTENSION]?.through;
      const last = marksOf(events).at(-1)?.seq;
      must(through >= last, `through is ${show(through)} after event ${show(last)}`);
    },
  },
  {
    id: "RULE-10.one-at-a-time",
    title: "a plain receiver gets the next delivery after it answered the one before",
    severity: "MUST",
    reference: ordering("rule 10"),
    async run(context) {
      needMarks(context);
      const subject = await context.subject({ mode: "webhook" });
      const hook = await context.hook();
      let open = 0;
      let most = 0;
      hook.answer = async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setTimeout(resolve, 20));
        open -= 1;
        return { status: 204 };
      };
      await context.subscribe(context.subscription(subject, hook));
      await context.provoke(subject, 4);
      await context.delivered(subject, hook, 4);
      same(most, 1, "deliveries under way at once");
    },
  },
  {
    id: "RULE-11.nothing-passes",
    title: "while a delivery is tried again nothing later is delivered",
    severity: "MUST",
    reference: ordering("rule 11"),
    async run(context) {
      needMarks(context);
      const subject = await context.subject({ mode: "webhook" });
      const hook = await context.hook();
      let failures = 1;
      hook.answer = () => ({ status: failures-- > 0 ? 503 : 204 });
      await context.subscribe(context.subscription(subject, hook));
      await context.provoke(subject, 2);
      const isEvent = ({ body }: Posted) => body?.eventId !== undefined;
      const first = await context.posted(subject, hook, isEvent);
      const second = await hook.posts.next(context.settings.retryMs, "a second attempt", isEvent);
      same(second.body.eventId, first.body.eventId, "event of the second delivery");
    },
  },
  {
    id: "RULE-14.gap-in-place",
    title: "an event that was given up leaves a gap in its place, before any later event",
    severity: "MUST",
    reference: ordering("rule 14"),
    async run(context) {
      needMarks(context);
      const subject = await context.subject({ mode: "webhook" });
      const hook = await context.hook();
      let deliveries = 0;
      hook.answer = () => {
        deliveries += 1;
        return { status: deliveries === 1 ? 410 : 204 };
      };
      await context.subscribe(context.subscription(subject, hook));
      await context.provoke(subject, 2);
      const refused = await context.posted(subject, hook);
      const gap = await hook.posts.next(context.settings.patienceMs, "a gap envelope");
      same(gap.body.type, "gap", "type of what follows the event that was given up");
      const [mark] = marksOf([refused.body]);
      same(gap.body._meta?.[ORDERING_EXTENSION]?.seq, mark?.seq, "number of the gap");
    },
  },
  {
    id: "RULE-10.window",
    title: "an offer to put events in order is granted at most what was offered",
    severity: "MUST",
    reference: ordering("rule 10"),
    async run(context) {
      needMarks(context);
      const subject = await context.subject({ mode: "webhook" });
      const offer = { window: 4, holdMs: 1_000 };
      const asked = context.subscription(subject, await context.hook());
      const { _meta } = await context.subscribe({
        ...asked,
        _meta: { [ORDERING_EXTENSION]: { resequence: offer } },
      });
      const granted = _meta?.[ORDERING_EXTENSION]?.resequence;
      needs(granted !== undefined, "the server grants no window");
      const within = granted.window <= offer.window && granted.holdMs <= offer.holdMs;
      must(within, `granted ${show(granted)} of ${show(offer)}`);
    },
  },
];

/** Two event types of one log that can be emitted and polled. */
async function twoOfOneLog({ session }: ServerContext): Promise<[Subject, Subject]> {
  const firsts = new Map<string, Subject>();
  for (const [name, descriptor] of session.types) {
    const log = descriptor._meta?.[ORDERING_EXTENSION]?.log;
    if (typeof log !== "string" || !offers(descriptor, "poll") || !(await session.emits(name))) continue;
    const subject: Subject = {
      name,
      arguments: exampleOf(descriptor.inputSchema),
      descriptor,
      source: "emit",
    };
    const first = firsts.get(log);
    if (first !== undefined) return [first, subject];
    firsts.set(log, subject);
  }
  throw new Untestable("there are no two event types of one log that can be emitted");
}
