import { DELIVERY_MODES, type DeliveryMode, METHODS } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { isObject, must, needs, same, show, type Wire } from "../../kit/expect";
import type { ServerContext } from "../context";
import { validatorOf } from "../json-schema";
import type { ServerCheck } from "./server-check";

const LISTING = sep("Listing Available Events");

/** Holds for each descriptor of the list. */
function each(test: (descriptor: Wire) => void): (context: ServerContext) => Promise<void> {
  return async ({ session }) => {
    needs(session.types.size > 0, "the server lists no event types");
    for (const descriptor of session.types.values()) test(descriptor);
  };
}

/** What `events/list` gives (LIST). */
export const listChecks: readonly ServerCheck[] = [
  {
    id: "LIST-1.result",
    title: "events/list gives an array of events, each name once over all pages",
    severity: "MUST",
    reference: LISTING,
    async run(context) {
      const names: string[] = [];
      const cursors = new Set<string>();
      let cursor: string | undefined;
      do {
        const page = await context.ok(METHODS.list, cursor === undefined ? {} : { cursor });
        must(Array.isArray(page.events), `events is no array: ${show(page.events)}`);
        must(page.events.every(isObject), `an event type is no object: ${show(page.events)}`);
        names.push(...page.events.map(({ name }: Wire) => name));
        must(
          ["string", "undefined"].includes(typeof page.nextCursor),
          `nextCursor is ${show(page.nextCursor)}`,
        );
        cursor = page.nextCursor;
        must(cursor === undefined || !cursors.has(cursor), "nextCursor leads to the same page again");
        if (cursor !== undefined) cursors.add(cursor);
      } while (cursor !== undefined);
      same(new Set(names).size, names.length, "different names");
    },
  },
  {
    id: "LIST-1.bad-cursor",
    title: "a pagination cursor that was never given is InvalidParams",
    severity: "SHOULD",
    reference: LISTING,
    async run(context) {
      context.mustFail(
        await context.connection.request(METHODS.list, { cursor: "never-given-cursor" }),
        "InvalidParams",
      );
    },
  },
  {
    id: "LIST-2.name",
    title: "each event type has a name and a description",
    severity: "MUST",
    reference: LISTING,
    run: each(({ name, description }) => {
      must(typeof name === "string" && name !== "", `a name is ${show(name)}`);
      must(typeof description === "string", `${name} has no description`);
    }),
  },
  {
    id: "LIST-2.delivery",
    title: "each event type offers a non-empty subset of poll, push and webhook",
    severity: "MUST",
    reference: LISTING,
    run: each(({ name, delivery }) => {
      const known = (mode: Wire) => DELIVERY_MODES.includes(mode as DeliveryMode);
      const good = Array.isArray(delivery) && delivery.length > 0 && delivery.every(known);
      must(good && new Set(delivery).size === delivery.length, `${name}: delivery is ${show(delivery)}`);
    }),
  },
  {
    id: "LIST-2.schemas",
    title: "inputSchema and payloadSchema are JSON Schemas",
    severity: "MUST",
    reference: LISTING,
    run: each(({ name, inputSchema, payloadSchema }) => {
      for (const [field, schema] of Object.entries({ inputSchema, payloadSchema })) {
        must(isObject(schema), `${name}: ${field} is ${show(schema)}`);
        validatorOf(schema, `${name}: ${field}`);
      }
    }),
  },
  {
    id: "LIST-3.list-changed",
    title: "a changed descriptor is told to clients that asked, when listChanged was declared",
    severity: "MUST",
    reference: sep("Dynamic event types"),
    async run(context) {
      needs(context.session.events?.listChanged === true, "the server does not declare listChanged");
      context.needControl("change_type");
      const [name] = context.session.types.keys();
      const incoming = context.track(await context.connection.notifications());
      if (context.connection.style === "modern") await acknowledged(context, incoming.inbox);
      await context.control("change_type", { name, breaking: false });
      await incoming.next(context.settings.patienceMs, "list_changed");
    },
  },
];

async function acknowledged(
  { settings }: ServerContext,
  inbox: { next(ms: number, what: string): Promise<Wire> },
): Promise<void> {
  const { params } = await inbox.next(settings.patienceMs, "the acknowledgement of subscriptions/listen");
  same(params?.notifications?.eventsListChanged, true, "eventsListChanged in the acknowledgement");
}
