import { METHODS, SUBSCRIPTION_ID } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { must, same, show } from "../../kit/expect";
import { within } from "../../kit/within";
import type { ServerContext } from "../context";
import { mustVerify, newSecret } from "../hook";
import type { Subject } from "../subject";
import type { ServerCheck } from "./server-check";

const REMOVAL = sep("Event type removal and breaking changes");
const TERMINATION = sep("Subscription Termination");

/** Takes an event type away; it is back when the check is over. */
async function remove(context: ServerContext, { name }: Subject): Promise<void> {
  context.needControl("add_type");
  await context.control("remove_type", { name });
  context.onClose(() => context.session.call("add_type", { name }));
}

/** Breaks the payload schema of an event type; it is whole when the check is over. */
async function change(context: ServerContext, { name }: Subject, breaking: boolean): Promise<void> {
  context.needControl("change_type");
  await context.control("change_type", { name, breaking });
  if (!breaking) return;
  context.onClose(async () => {
    await context.session.call("remove_type", { name });
    await context.session.call("add_type", { name });
  });
}

/** How subscriptions end (LIST-4, PUSH-5, PUSH-7, HOOK-11). */
export const endingChecks: readonly ServerCheck[] = [
  {
    id: "LIST-4.poll",
    title: "a poll of an event type that was removed is NotFound",
    severity: "MUST",
    reference: REMOVAL,
    async run(context) {
      const subject = await context.subject({ mode: "poll" });
      await remove(context, subject);
      const params = { name: subject.name, arguments: subject.arguments };
      context.mustFail(await context.connection.request(METHODS.poll, params), "NotFound", { kind: "event" });
    },
  },
  {
    id: "LIST-4.push",
    title: "removal ends a stream with terminated, NotFound",
    severity: "SHOULD",
    reference: REMOVAL,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await remove(context, subject);
      const { params } = await stream.next(context.settings.patienceMs, "terminated");
      context.mustBeError(params.error, "NotFound", { kind: "event" });
    },
  },
  {
    id: "LIST-4.webhook",
    title: "removal ends a webhook subscription with a terminated envelope, NotFound",
    severity: "SHOULD",
    reference: REMOVAL,
    async run(context) {
      const subject = await context.subject({ mode: "webhook" });
      const hook = await context.hook();
      await context.subscribe(context.subscription(subject, hook));
      await remove(context, subject);
      const { body } = await context.envelope(hook, "terminated");
      context.mustBeError(body.error, "NotFound", { kind: "event" });
    },
  },
  {
    id: "LIST-4.breaking",
    title: "an incompatible change in place ends a stream with terminated, Unsupported",
    severity: "SHOULD",
    reference: REMOVAL,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await change(context, subject, true);
      const { params } = await stream.next(context.settings.patienceMs, "terminated");
      context.mustBeError(params.error, "Unsupported", {
        feature: "payloadSchema",
        reason: "schema_changed",
      });
    },
  },
  {
    id: "LIST-4.additive",
    title: "an additive change ends nothing",
    severity: "MUST",
    reference: REMOVAL,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await change(context, subject, false);
      await context.provoke(subject);
      await context.streamed(subject, stream, 1);
    },
  },
  {
    id: "PUSH-5.last",
    title: "nothing follows terminated but the response",
    severity: "MUST",
    reference: TERMINATION,
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await remove(context, subject);
      const terminated = await stream.next(context.settings.patienceMs, "terminated");
      await context.quiet();
      const after = stream.messages.slice(stream.messages.indexOf(terminated) + 1);
      same(after, [], "messages after terminated");
    },
  },
  {
    id: "PUSH-7.final-result",
    title: "a stream that the server closes ends with a result that names it",
    severity: "SHOULD",
    reference: sep("Lifecycle"),
    async run(context) {
      const subject = await context.subject({ mode: "push" });
      const { stream } = await context.activeStream(subject);
      await remove(context, subject);
      await within(stream.over, context.settings.patienceMs, "the end of the stream");
      const { result } = stream.response ?? {};
      same(result?._meta?.[SUBSCRIPTION_ID], stream.id, "subscription id of the final result");
    },
  },
  {
    id: "HOOK-11.envelope",
    title: "a control envelope is signed, and its webhook-id says msg_, its type and an id",
    severity: "MUST",
    reference: sep("Non-event webhook bodies"),
    async run(context) {
      const subject = await context.subject({ mode: "webhook" });
      const hook = await context.hook();
      const secret = newSecret();
      const { id } = await context.subscribe(context.subscription(subject, hook, secret));
      await remove(context, subject);
      const posted = await context.envelope(hook, "terminated");
      mustVerify(posted, secret);
      const webhookId = posted.headers["webhook-id"];
      must(/^msg_terminated_./.test(webhookId ?? ""), `webhook-id is ${show(webhookId)}`);
      same(posted.headers["x-mcp-subscription-id"], id, "X-MCP-Subscription-Id");
    },
  },
];
