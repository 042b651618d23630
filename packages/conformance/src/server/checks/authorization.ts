import { METHODS } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { must, needs } from "../../kit/expect";
import { within } from "../../kit/within";
import type { ServerContext } from "../context";
import type { Subject } from "../subject";
import type { ServerCheck } from "./server-check";

const REFERENCE = sep("Authorization");

/** Takes the event type away from the caller; it is given back when the check is over. */
async function revoke(context: ServerContext, { name }: Subject): Promise<void> {
  const { principal } = context.settings;
  needs(principal !== undefined, "the caller's name is not known (--principal)");
  context.needControl("restore");
  await context.control("revoke", { principal, name });
  context.onClose(() => context.session.call("restore", { principal, name }));
}

/** Who may subscribe (AUTH). */
export const authorizationChecks: readonly ServerCheck[] = [
  {
    id: "AUTH-1.poll",
    title: "a poll by a caller who may not is Forbidden",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      await revoke(context, subject);
      const params = { name: subject.name, arguments: subject.arguments };
      context.mustFail(await context.connection.request(METHODS.poll, params), "Forbidden");
    },
  },
  {
    id: "AUTH-1.push",
    title: "a stream by a caller who may not is Forbidden, and none is opened",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      await revoke(context, subject);
      const stream = await context.stream(subject);
      await within(stream.over, context.settings.patienceMs, "an answer to events/stream");
      context.mustFail(stream.response, "Forbidden");
    },
  },
  {
    id: "AUTH-1.webhook",
    title: "a webhook subscription by a caller who may not is Forbidden",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "webhook" });
      const asked = context.subscription(subject, await context.hook());
      await context.subscribe(asked);
      await revoke(context, subject);
      context.mustFail(await context.connection.request(METHODS.subscribe, asked), "Forbidden");
    },
  },
  {
    id: "AUTH-2.push",
    title: "access that is withdrawn ends a living stream with terminated, Forbidden",
    severity: "SHOULD",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await revoke(context, subject);
      const { params } = await stream.next(context.settings.patienceMs, "terminated");
      context.mustBeError(params.error, "Forbidden");
    },
  },
  {
    id: "AUTH-2.webhook",
    title: "access that is withdrawn ends a webhook subscription with a terminated envelope, Forbidden",
    severity: "SHOULD",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "webhook" });
      const hook = await context.hook();
      await context.subscribe(context.subscription(subject, hook));
      await revoke(context, subject);
      const { body } = await context.envelope(hook, "terminated");
      context.mustBeError(body.error, "Forbidden");
    },
  },
  {
    id: "AUTH-2.nothing-after",
    title: "what happens after access was withdrawn is not delivered",
    severity: "MUST",
    reference: REFERENCE,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await revoke(context, subject);
      await stream.next(context.settings.patienceMs, "terminated");
      await context.provoke(subject);
      await context.quiet();
      const events = stream.messages.filter(({ method }) => method === "notifications/events/event");
      must(subject.source === "itself" || events.length === 0, "an event came after access was withdrawn");
    },
  },
];
