import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { WELL_KNOWN } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { must, needs, same, show, type Wire } from "../../kit/expect";
import type { ServerContext } from "../context";
import { type HookAnswer, mustVerify, newSecret, type Posted } from "../hook";
import type { ServerCheck } from "./server-check";

const DELIVERY = sep("Webhook event delivery");
const SECURITY = sep("Webhook security");

/** Before a signature that the server made with a key of its own. */
const IDENTITY_PREFIX = "v1a,";

const CATEGORIES = ["connection_refused", "timeout", "tls_error", "http_4xx", "http_5xx", "challenge_failed"];

/** A subscription whose endpoint answers as told. */
async function subscribed(
  context: ServerContext,
  answer: (posted: Posted) => HookAnswer = () => ({ status: 204 }),
) {
  const subject = await context.subject({ mode: "webhook" });
  const hook = await context.hook();
  hook.answer = answer;
  const secret = newSecret();
  const asked = context.subscription(subject, hook, secret);
  const result = await context.subscribe(asked);
  return { subject, hook, secret, asked, id: result.id as string };
}

/** How webhooks are delivered (HOOK-9 to HOOK-16). */
export const deliveryChecks: readonly ServerCheck[] = [
  {
    id: "HOOK-9.headers",
    title: "a delivery is JSON, with the Standard Webhooks headers and the id of its subscription",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const { subject, hook, id } = await subscribed(context);
      const { headers } = await context.delivery(subject, hook);
      must(
        /^application\/json\b/.test(headers["content-type"] ?? ""),
        `content-type is ${headers["content-type"]}`,
      );
      for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
        must(headers[name] !== undefined, `${name} is missing`);
      }
      must(/^\d+$/.test(headers["webhook-timestamp"] ?? ""), "webhook-timestamp is no number of seconds");
      same(headers["x-mcp-subscription-id"], id, "X-MCP-Subscription-Id");
    },
  },
  {
    id: "HOOK-9.signature",
    title: "an off-the-shelf Standard Webhooks verifier takes the delivery",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const { subject, hook, secret } = await subscribed(context);
      mustVerify(await context.delivery(subject, hook), secret);
    },
  },
  {
    id: "HOOK-9.event-id",
    title: "webhook-id is the eventId, or an id of the message",
    severity: "SHOULD",
    reference: SECURITY,
    async run(context) {
      const { subject, hook } = await subscribed(context);
      const { headers, body } = await context.delivery(subject, hook);
      const id = headers["webhook-id"];
      must(
        id === body?.eventId || id?.startsWith("msg_") === true,
        `webhook-id is ${id}, eventId ${body?.eventId}`,
      );
    },
  },
  {
    id: "HOOK-9.body",
    title: "the body is the event",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      const { subject, hook } = await subscribed(context);
      const { body } = await context.delivery(subject, hook);
      same(body?.name, subject.name, "name");
      must(typeof body.eventId === "string", `eventId is ${show(body.eventId)}`);
      must(!("type" in body), "an event has a top-level type, as control envelopes do");
    },
  },
  {
    id: "HOOK-10.cursor",
    title: "the cursor of a body is safe to go on from: nothing later is lost",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      const subject = await context.subject({ mode: "webhook", also: "poll" });
      await context.now(subject);
      const hook = await context.hook();
      await context.subscribe(context.subscription(subject, hook));
      await context.provoke(subject, 3);
      const [first, second, third] = await context.delivered(subject, hook, 3);
      const later = await context.pollEvents(subject, first?.cursor, 2);
      const ids = later.map(({ eventId }) => eventId).filter((eventId) => eventId !== first?.eventId);
      for (const event of [second, third]) {
        must(
          ids.includes(event?.eventId),
          `event ${event?.eventId} lies before the cursor of an earlier body`,
        );
      }
    },
  },
  {
    id: "HOOK-12.retry",
    title: "a delivery that was answered with 503 comes again, signed anew, under the same webhook-id",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      let failures = 1;
      const answer = () => ({ status: failures-- > 0 ? 503 : 204 });
      const { subject, hook, secret } = await subscribed(context, answer);
      const first = await context.delivery(subject, hook);
      const again = ({ body }: Posted) => body?.eventId === first.body?.eventId;
      const second = await hook.posts.next(context.settings.retryMs, "a second attempt", again);
      same(second.headers["webhook-id"], first.headers["webhook-id"], "webhook-id of the second attempt");
      mustVerify(second, secret);
    },
  },
  {
    id: "HOOK-12.gone",
    title: "a delivery that was answered with 410 does not come again, and the subscription lives on",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      let refused: string | undefined;
      const { subject, hook } = await subscribed(context, ({ body }) => {
        refused ??= body?.eventId;
        return { status: body?.eventId === refused ? 410 : 204 };
      });
      await context.delivery(subject, hook);
      await context.provoke(subject);
      const next = ({ body }: Posted) => body?.eventId !== undefined && body.eventId !== refused;
      const later = await hook.posts.tryNext(context.settings.patienceMs, next);
      needs(later !== undefined || subject.source !== "itself", "no second event happened");
      must(later !== undefined, "after 410 nothing is delivered any more");
      await context.quiet();
      const attempts = hook.posts.all.filter(({ body }) => body?.eventId === refused);
      same(attempts.length, 1, "attempts at an event answered with 410");
    },
  },
  {
    id: "HOOK-12.redirect",
    title: "a redirect is not followed",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const elsewhere = await context.hook();
      const { subject, hook } = await subscribed(context, () => ({
        status: 307,
        headers: { location: elsewhere.url },
      }));
      await context.delivery(subject, hook);
      await context.quiet();
      same(elsewhere.posts.all.length, 0, "deliveries at the address of the redirect");
    },
  },
  {
    id: "HOOK-14.status",
    title: "deliveryStatus of a refresh says what failed by category, and nothing of the endpoint's answer",
    severity: "MUST",
    reference: sep("Webhook delivery status"),
    async run(context) {
      const { subject, hook, asked } = await subscribed(context, () => ({
        status: 500,
        body: "the-body-of-500",
      }));
      await context.delivery(subject, hook);
      await context.quiet();
      const { deliveryStatus } = await context.subscribe(asked);
      needs(deliveryStatus !== undefined, "the server gives no deliveryStatus");
      const { active, lastError = null } = deliveryStatus;
      must(typeof active === "boolean", `active is ${show(active)}`);
      must(lastError === null || CATEGORIES.includes(lastError), `lastError is ${show(lastError)}`);
      must(!JSON.stringify(deliveryStatus).includes("the-body-of-500"), "it repeats the endpoint's answer");
    },
  },
  {
    id: "HOOK-16.identity",
    title: "the server's own signature verifies with a key that its origin publishes",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const { target } = context.session;
      needs("url" in target, "over stdio there is no origin that could publish keys");
      const { subject, hook } = await subscribed(context);
      const { headers, text } = await context.delivery(subject, hook);
      const signatures = (headers["webhook-signature"] ?? "").split(" ");
      const own = signatures.filter((signature) => signature.startsWith(IDENTITY_PREFIX));
      needs(own.length > 0, "the server does not sign with a key of its own");
      const keys = await publishedKeys(new URL(WELL_KNOWN.jwks, target.url));
      const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
      const good = own.some((signature) => keys.some((key) => isSignedBy(key, content, signature)));
      must(good, `none of ${keys.length} published keys verifies it`);
    },
  },
];

/** The keys of a JWKS document. */
async function publishedKeys(url: URL): Promise<KeyObject[]> {
  const response = await fetch(url);
  must(response.ok, `${url.pathname} is answered with ${response.status}`);
  const { keys }: Wire = await response.json();
  must(Array.isArray(keys), `${url.pathname} has no keys`);
  return keys.map((key) => createPublicKey({ key, format: "jwk" }));
}

function isSignedBy(key: KeyObject, content: string, signature: string): boolean {
  return verify(
    null,
    Buffer.from(content),
    key,
    Buffer.from(signature.slice(IDENTITY_PREFIX.length), "base64"),
  );
}
