import { type Check, sep } from "../kit/check";
import { must, same, type Wire } from "../kit/expect";
import { type ClientContext, TYPE } from "./context";
import { occurrence } from "./scripted-stream";

const POLLING = sep("Poll-Based Delivery");
/** What a timer may be early by, in milliseconds. */
const EARLY_MS = 50;

/** How a client polls (POLL), and when it stays away (CAP-3). */
export const clientPollChecks: readonly Check<ClientContext>[] = [
  {
    id: "CAP-3.not-offered",
    title: "a server that declares no events is not asked for any",
    severity: "MUST",
    reference: sep("Capability Negotiation"),
    async run(context) {
      const server = await context.start({ declares: false });
      await server.methods.next(context.settings.patienceMs, "any request");
      await context.quiet();
      const asked = server.methods.all.filter((method) => method.startsWith("events/"));
      same(asked, [], "requests for events");
    },
  },
  {
    id: "POLL-4.cursor",
    title: "each poll goes on from the cursor of the one before",
    severity: "MUST",
    reference: POLLING,
    async run(context) {
      const server = await context.start({ mode: "poll", poll: paged(0) });
      const polls = [await next(context, server), await next(context, server), await next(context, server)];
      const cursors = polls.map(({ params }) => params.cursor ?? null);
      same(cursors, [null, "after-1", "after-2"], "cursors of the polls");
      await context.mustSee(["poll-2", "poll-3"]);
    },
  },
  {
    id: "POLL-4.has-more",
    title: "with hasMore the next poll comes at once, whatever nextPollMs says",
    severity: "SHOULD",
    reference: POLLING,
    async run(context) {
      const poll = paged(600_000, true);
      const server = await context.start({ mode: "poll", poll });
      for (let count = 0; count < 3; count += 1) await next(context, server);
    },
  },
  {
    id: "POLL-4.waits",
    title: "without hasMore the next poll waits as long as nextPollMs says",
    severity: "SHOULD",
    reference: POLLING,
    async run(context) {
      const { nextPollMs } = context.settings;
      const server = await context.start({ mode: "poll", poll: paged(nextPollMs) });
      const [first, second] = [await next(context, server), await next(context, server)];
      const waited = second.at - first.at;
      must(waited >= nextPollMs - EARLY_MS, `polled after ${Math.round(waited)} ms, asked for ${nextPollMs}`);
    },
  },
];

function next(context: ClientContext, { polls }: Wire): Promise<{ at: number; params: Wire }> {
  return polls.next(context.settings.patienceMs, "events/poll");
}

/** Polls of which the second and the third give an event; the first is from now. */
function paged(nextPollMs: number, hasMore = false): (params: Wire) => Wire {
  let count = 0;
  return ({ cursor }) => {
    count += 1;
    const events = cursor == null || count > 3 ? [] : [occurrence(`poll-${count}`, TYPE)];
    return { events, cursor: `after-${count}`, truncated: false, hasMore, nextPollMs };
  };
}
