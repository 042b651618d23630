import { METHODS } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { isObject, must, needs, same, show } from "../../kit/expect";
import type { ServerCheck } from "./server-check";

const REFERENCE = sep("Capability Negotiation");

/** Where events are declared (CAP). */
export const capabilityChecks: readonly ServerCheck[] = [
  {
    id: "CAP-1.declared",
    title: "the server declares the extension, with nothing but a boolean listChanged",
    severity: "MUST",
    reference: REFERENCE,
    async run({ session }) {
      const { events } = session;
      must(
        isObject(events),
        `capabilities.extensions has no io.modelcontextprotocol/events but ${show(events)}`,
      );
      const { listChanged = false } = events;
      must(typeof listChanged === "boolean", `listChanged is ${show(listChanged)}, no boolean`);
    },
  },
  {
    id: "CAP-2.top-level",
    title: "clients that read a top-level events capability find it, too",
    severity: "SHOULD",
    reference: "docs/specification/events.md, CAP-2",
    async run({ session }) {
      must(isObject(session.capabilities.events), "capabilities.events is missing");
    },
  },
  {
    id: "CAP-4.not-offered",
    title: "a server that declares no events answers them with Method not found",
    severity: "MUST",
    reference: REFERENCE,
    async run({ session, connection }) {
      const { events } = session.capabilities;
      needs(session.events === undefined && events === undefined, "the server declares events");
      const { error } = await connection.request(METHODS.list);
      same(error?.code, -32601, "the answer to events/list");
    },
  },
  {
    id: "CAP-5.result-type",
    title: "every result says that it is complete",
    severity: "MUST",
    reference: sep("Specification"),
    async run(context) {
      needs(context.connection.style === "modern", "spoken to in a revision before 2026-07-28");
      same((await context.ok(METHODS.list)).resultType, "complete", "resultType of events/list");
      const subject = await context.subject({ mode: "poll" });
      same((await context.poll(subject)).resultType, "complete", "resultType of events/poll");
    },
  },
];
