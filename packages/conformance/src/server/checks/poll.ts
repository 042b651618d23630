import { METHODS } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { must, needs, same, show, type Wire } from "../../kit/expect";
import { exampleOf, wrongArguments } from "../example";
import { notOffering, offers } from "../subject";
import type { ServerCheck } from "./server-check";

const REFERENCE = sep("Poll-Based Delivery");
const ERRORS = sep("Error Handling");
const LONG_POLL_MS = 400;
/** What a machine under load may take longer, in milliseconds. */
const SLACK_MS = 2_000;

/** How `events/poll` answers (POLL). */
export const pollChecks: readonly ServerCheck[] = [
  {
    id: "POLL-1.result",
    title: "a poll gives an array of events, a cursor or null, truncated and hasMore",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const page = await context.poll(await context.subject({ mode: "poll" }));
      must(Array.isArray(page.events), `events is ${show(page.events)}`);
      const { cursor = null } = page;
      must(cursor === null || typeof cursor === "string", `cursor is ${show(cursor)}`);
      for (const field of ["truncated", "hasMore"]) {
        must(typeof page[field] === "boolean", `${field} is ${show(page[field])}`);
      }
    },
  },
  {
    id: "POLL-1.next-poll",
    title: "a poll says when to poll again, in milliseconds",
    severity: "SHOULD",
    reference: REFERENCE,
    async run(context) {
      const { nextPollMs } = await context.poll(await context.subject({ mode: "poll" }));
      must(Number.isInteger(nextPollMs) && nextPollMs >= 0, `nextPollMs is ${show(nextPollMs)}`);
    },
  },
  {
    id: "POLL-2.repeatable",
    title: "the same cursor gives the same events again: nothing is remembered between polls",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      const cursor = await context.now(subject);
      await context.provoke(subject, 2);
      const first = await context.pollEvents(subject, cursor, 2);
      const again = await context.pollEvents(subject, cursor, 2);
      const ids = (events: Wire[]) => events.slice(0, 2).map(({ eventId }) => eventId);
      same(ids(again), ids(first), "ids of the second poll");
    },
  },
  {
    id: "POLL-2.no-event-cursor",
    title: "events of a poll carry no cursor of their own",
    severity: "SHOULD",
    reference: sep("Event Occurrences"),
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      const cursor = await context.now(subject);
      await context.provoke(subject);
      const [event] = await context.pollEvents(subject, cursor, 1);
      must(event.cursor === undefined, `an event has the cursor ${show(event.cursor)}`);
    },
  },
  {
    id: "POLL-3.max-events",
    title: "maxEvents caps a page, hasMore says that there is more, and the next page goes on",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      const cursor = await context.now(subject);
      await context.provoke(subject, 3);
      const all = await context.pollEvents(subject, cursor, 3);
      const first = await context.poll(subject, { cursor, maxEvents: 2 });
      must(first.events.length <= 2, `maxEvents: 2 gave ${first.events.length} events`);
      same(first.hasMore, true, "hasMore");
      const rest = await context.poll(subject, { cursor: first.cursor });
      const ids = [...first.events, ...rest.events].slice(0, 3).map(({ eventId }: Wire) => eventId);
      same(
        ids,
        all.slice(0, 3).map(({ eventId }) => eventId),
        "ids over two pages",
      );
    },
  },
  {
    id: "POLL-5.unknown-name",
    title: "an unknown event name is NotFound",
    severity: "MUST",
    reference: ERRORS,
    async run(context) {
      const answer = await context.connection.request(METHODS.poll, { name: "no.such.event", cursor: null });
      context.mustFail(answer, "NotFound", { kind: "event" });
    },
  },
  {
    id: "POLL-5.invalid-arguments",
    title: "arguments that the inputSchema does not take are InvalidParams",
    severity: "MUST",
    reference: ERRORS,
    async run(context) {
      const found = [...context.session.types.values()]
        .filter((type) => offers(type, "poll"))
        .map(({ name, inputSchema }) => ({
          name,
          arguments: wrongArguments(inputSchema, exampleOf(inputSchema)),
        }))
        .find((params) => params.arguments !== undefined);
      needs(found !== undefined, "no inputSchema has anything that can be broken on purpose");
      context.mustFail(await context.connection.request(METHODS.poll, found), "InvalidParams");
    },
  },
  {
    id: "POLL-5.mode",
    title: "a poll of a type that does not offer it is Unsupported",
    severity: "MUST",
    reference: ERRORS,
    async run(context) {
      const params = notOffering(context.session, "poll");
      context.mustFail(await context.connection.request(METHODS.poll, params), "Unsupported", {
        feature: "deliveryMode",
        value: "poll",
      });
    },
  },
  {
    id: "POLL-7.long-poll",
    title: "a poll with timeoutMs is answered by then, and at once when there is an event",
    severity: "SHOULD",
    reference: "docs/specification/events.md, POLL-7",
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      const cursor = await context.now(subject);
      const usual = await timed(() => context.poll(subject, { cursor }));
      const { ms: took, value: page } = await timed(() =>
        context.poll(subject, { cursor, timeoutMs: LONG_POLL_MS }),
      );
      must(
        took < LONG_POLL_MS + SLACK_MS,
        `timeoutMs ${LONG_POLL_MS} was answered after ${Math.round(took)} ms`,
      );
      must(Array.isArray(page.events), `events is ${show(page.events)}`);
      const holds = took - usual.ms >= LONG_POLL_MS / 2;
      needs(page.events.length > 0 || holds, "the server does not hold polls");
      const holding = { cursor: page.cursor, timeoutMs: context.settings.patienceMs / 2 };
      const [held] = await Promise.all([context.poll(subject, holding), context.provoke(subject)]);
      needs(subject.source !== "itself" || held.events.length > 0, `no event of ${subject.name} happened`);
      must(held.events.length > 0, "a held poll was answered without the event that happened");
    },
  },
];

async function timed(work: () => Promise<Wire>): Promise<{ readonly ms: number; readonly value: Wire }> {
  const begin = performance.now();
  const value = await work();
  return { ms: performance.now() - begin, value };
}
