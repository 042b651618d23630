import type { NewEntry, Page } from "@mcp-events/ordering";
import { METHODS, NOTIFICATIONS } from "@mcp-events/protocol";
import type { Control } from "./control";
import { withKeys, withoutPoll, withResequencing, withRetention, withWebhooksOnly } from "./plans";
import { changed, withOrdering } from "./wire";

/** Rules of the log, the view and the sender, switched off one at a time. */
export const PRODUCER_RULES: readonly Control[] = [
  {
    name: "visible-late",
    breaks: "ORD-2, rule 1: an entry becomes visible after later ones are",
    within: 50,
    log: (log) => {
      const seen = new Set<number>();
      const hiding = (page: Page): Page => ({
        ...page,
        entries: page.entries.filter(({ seq }) => seq === page.head || seen.has(seq) || !seen.add(seq)),
      });
      return {
        ...log,
        read: (request) => {
          const page = log.read(request);
          return page instanceof Promise ? page.then(hiding) : hiding(page);
        },
      };
    },
  },
  {
    name: "no-idempotent-append",
    breaks: "rule 2: an event that is emitted again is appended again",
    within: 150,
    plan: (plan) => ({ ...plan, rates: { ...plan.rates, appendFailed: 0.2 } }),
    log: (log, world) => ({
      ...log,
      append: (entries, options) =>
        log.append(
          entries.map((one) => renamed(one, world.number())),
          options,
        ),
    }),
  },
  {
    name: "silent-retention",
    breaks: "ORD-2, rule 4: a page spans the hole that retention left",
    within: 100,
    plan: withRetention,
    log: (log) => ({
      ...log,
      read: (request) => {
        const spanned = (page: Page): Page => ({ ...page, from: request.after, truncated: false });
        const page = log.read(request);
        return page instanceof Promise ? page.then(spanned) : spanned(page);
      },
    }),
  },
  {
    name: "failure-means-no",
    breaks: "ORD-2, rule 5: a `match` that fails counts as no",
    within: 50,
    plan: (plan) => ({ ...plan, rates: { ...plan.rates, matchFailed: 0.3 } }),
    match: (_n, evaluate) => {
      try {
        const is = evaluate();
        return is instanceof Promise ? is.catch(() => false) : is;
      } catch {
        return false;
      }
    },
  },
  {
    name: "heartbeat-of-the-log",
    breaks: "ORD-2, rule 7: a heartbeat carries the head of the log, not the reader's own position",
    within: 100,
    plan: (plan) => ({ ...plan, slowMatch: true }),
    stream: (forward, world) => (message) => {
      if (message.method !== NOTIFICATIONS.heartbeat) return forward(message);
      forward(changed(message, (body) => withOrdering(body, (own) => ({ ...own, through: world.head() }))));
    },
  },
  {
    name: "active-of-the-log",
    breaks: "ORD-2, rule 7: `active` carries the head of the log, before the replay",
    within: 200,
    stream: (forward, world) => (message) => {
      if (message.method !== NOTIFICATIONS.active) return forward(message);
      forward(changed(message, (body) => withOrdering(body, (own) => ({ ...own, through: world.head() }))));
    },
  },
  {
    name: "refresh-of-the-log",
    breaks: "ORD-2, rule 13: a subscribe result carries the head of the log, not what is settled",
    within: 100,
    plan: withWebhooksOnly,
    answer: (method, result, world) =>
      method === METHODS.subscribe
        ? withOrdering(result, (own) => ({ ...own, through: world.head() }))
        : result,
  },
  {
    name: "gap-without-place",
    breaks: "ORD-2, rule 14: the gap of a given-up event is a position, not an item in its place",
    within: 300,
    plan: (plan) => ({ ...withResequencing(plan), maxAttempts: 2, onExhausted: "skip" }),
    body: (body) =>
      body.type === "gap"
        ? withOrdering(body, ({ log, epoch, seq, through }) => ({ log, epoch, through: through ?? seq }))
        : body,
  },
  {
    name: "key-unchained",
    breaks: "ORD-1, rule 18: `keyPrev` does not name the key's preceding event",
    within: 300,
    plan: (plan) => withKeys(withResequencing(plan)),
    body: (body) =>
      withOrdering(body, (own) => (own.keyPrev === undefined ? own : { ...own, keyPrev: own.settled })),
  },
  {
    name: "loose-prev",
    breaks: "ORD-2, rule 18: `prev` is some number between the events of the view",
    within: 300,
    plan: withoutPoll,
    body: (body) =>
      withOrdering(body, (own) => (own.seq === undefined ? own : { ...own, prev: Number(own.seq) - 1 })),
  },
  {
    name: "emit-unqueued",
    breaks: "ORD-8: calls of `emit` reach the log in whatever order",
    within: 20,
    emitDelay: (world) => world.random.between(0, 20),
  },
];

function renamed(entry: NewEntry, number: number): NewEntry {
  return { ...entry, eventId: `${entry.eventId}#${number}` };
}
