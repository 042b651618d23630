import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { type Check, ordering, sep } from "../kit/check";
import { must, needs, same, type Wire } from "../kit/expect";
import type { ReceiverContext } from "./context";
import type { Observed } from "./options";

const DELIVERY = sep("Webhook event delivery");
const ENVELOPES = sep("Non-event webhook bodies");
const accepted = (status: number) => status >= 200 && status < 300;
const timesSeen = (seen: readonly Observed[], id: string) =>
  seen.filter(({ eventId }) => eventId === id).length;

/** Events of one log, each marked with the one before it. */
function marked(context: ReceiverContext, count: number): Wire[] {
  const begin = Date.now() * 1_000;
  return Array.from({ length: count }, (_, index) => {
    const seq = begin + index + 1;
    const mark = { log: "conformance", epoch: 1, seq, prev: seq - 1, settled: begin };
    return context.event({ _meta: { [ORDERING_EXTENSION]: mark } });
  });
}

/** Posts until it is accepted, as a sender that retries does. */
async function delivered(context: ReceiverContext, event: Wire): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { status } = await context.post(event);
    if (accepted(status)) return;
    must(status === 503, `an event was answered with ${status}`);
  }
  must(false, "an event was never accepted");
}

/** What a receiver does with what it let in (HOOK-11, HOOK-18, rule 19). */
export const handlingChecks: readonly Check<ReceiverContext>[] = [
  {
    id: "HOOK-18.hands-on",
    title: "an accepted event reaches the application",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      await context.observed();
      const event = context.event();
      await delivered(context, event);
      const seen = await context.seen((all) => timesSeen(all, event.eventId) > 0);
      same(timesSeen(seen, event.eventId), 1, "times the application saw it");
    },
  },
  {
    id: "HOOK-18.duplicate",
    title: "an event that is delivered twice is accepted twice, and reaches the application once",
    severity: "SHOULD",
    reference: DELIVERY,
    async run(context) {
      await context.observed();
      const [event, later] = [context.event(), context.event()];
      for (const each of [event, event, later]) await delivered(context, each);
      const seen = await context.seen((all) => timesSeen(all, later.eventId) > 0);
      same(timesSeen(seen, event.eventId), 1, "times the application saw it");
    },
  },
  {
    id: "HOOK-11.gap",
    title: "a gap envelope is accepted and reaches the application",
    severity: "MUST",
    reference: ENVELOPES,
    async run(context) {
      const gaps = (seen: readonly Observed[]) => seen.filter(({ type }) => type === "gap").length;
      const before = gaps(await context.observed());
      const { status } = await context.post({ type: "gap", cursor: "after-the-gap" });
      must(accepted(status), `answered with ${status}`);
      same(gaps(await context.seen((seen) => gaps(seen) > before)) - before, 1, "gaps the application saw");
    },
  },
  {
    id: "RULE-19.held",
    title: "an event that arrives before the one it follows is not handed on before it",
    severity: "MUST",
    reference: ordering("rule 19"),
    async run(context) {
      needs(context.settings.resequences, "the receiver does not put events in order (--resequences)");
      await context.observed();
      const [first, second, third] = marked(context, 3);
      await delivered(context, first);
      const early = context.post(third);
      await delivered(context, second);
      if (!accepted((await early).status)) await delivered(context, third);
      const ids = [first, second, third].map(({ eventId }) => eventId);
      const seen = await context.seen((all) => timesSeen(all, third.eventId) > 0);
      const order = seen.map(({ eventId }) => eventId ?? "").filter((id) => ids.includes(id));
      same(order, ids, "order in which the application saw them");
    },
  },
  {
    id: "HOOK-11.terminated",
    title: "a terminated envelope is accepted and reaches the application",
    severity: "MUST",
    reference: ENVELOPES,
    async run(context) {
      await context.observed();
      const error = { code: -32024, message: "Forbidden" };
      const { status } = await context.post({ type: "terminated", error });
      must(accepted(status), `answered with ${status}`);
      const ended = (seen: readonly Observed[]) => seen.some(({ type }) => type === "terminated");
      must(ended(await context.seen(ended)), "the application was not told");
    },
  },
];
