import { MAX_EVENT_BYTES } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { isObject, must, needs, same, show, type Wire } from "../../kit/expect";
import type { ServerContext } from "../context";
import { exampleOf } from "../example";
import { validatorOf } from "../json-schema";
import { offers } from "../subject";
import type { ServerCheck } from "./server-check";

const REFERENCE = sep("Event Occurrences");
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** Some events, and the type they are of: polled where that is offered, else pushed. */
async function sample(context: ServerContext, count: number): Promise<{ descriptor: Wire; events: Wire[] }> {
  const polls = [...context.session.types.values()].some((type) => offers(type, "poll"));
  const subject = await context.subject({ mode: polls ? "poll" : "push" });
  if (polls) {
    const cursor = await context.now(subject);
    await context.provoke(subject, count);
    return { ...subject, events: await context.pollEvents(subject, cursor, count) };
  }
  const { stream } = await context.activeStream(subject);
  await context.provoke(subject, count);
  return { ...subject, events: await context.streamed(subject, stream, count) };
}

/** What an event looks like (OCC). */
export const occurrenceChecks: readonly ServerCheck[] = [
  {
    id: "OCC-1.fields",
    title: "an event has an id, its name, an ISO 8601 timestamp and an object of data",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { descriptor, events } = await sample(context, 1);
      for (const { eventId, name, timestamp, data } of events) {
        must(typeof eventId === "string" && eventId !== "", `eventId is ${show(eventId)}`);
        same(name, descriptor.name, "name");
        must(typeof timestamp === "string" && DATE.test(timestamp), `timestamp is ${show(timestamp)}`);
        must(isObject(data), `data is ${show(data)}`);
      }
    },
  },
  {
    id: "OCC-1.payload",
    title: "the data is valid for the payloadSchema that events/list gave",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { descriptor, events } = await sample(context, 1);
      const validate = validatorOf(descriptor.payloadSchema, "payloadSchema");
      for (const { data } of events) {
        const wrong = validate(data);
        must(wrong === undefined, `data ${show(data)}: ${wrong}`);
      }
    },
  },
  {
    id: "OCC-2.unique",
    title: "two events have two ids",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const { events } = await sample(context, 3);
      same(new Set(events.map(({ eventId }) => eventId)).size, events.length, "different ids");
    },
  },
  {
    id: "OCC-2.same-id",
    title: "an event has the same id, polled or pushed",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "poll", also: "push" });
      const cursor = await context.now(subject);
      await context.provoke(subject, 2);
      const polled = await context.pollEvents(subject, cursor, 2);
      const { stream } = await context.activeStream(subject, { cursor });
      const pushed = await context.streamed(subject, stream, 2);
      const ids = (events: Wire[]) => events.slice(0, 2).map(({ eventId }) => eventId);
      same(ids(pushed), ids(polled), "ids of the pushed events");
    },
  },
  {
    id: "OCC-3.too-large",
    title: "an event over 256 KiB is refused when it is emitted",
    severity: "SHOULD",
    reference: sep("Payload minimality"),
    async run(context) {
      const { source, name, descriptor } = await context.subject({ mode: "poll" });
      needs(source === "emit", "it takes a tool emit of the server (--controls)");
      const data = { ...exampleOf(descriptor.payloadSchema), padding: "x".repeat(MAX_EVENT_BYTES) };
      const emitted = await context.session.call("emit", { name, data });
      must(emitted === undefined, "an event over 256 KiB was taken");
    },
  },
];
