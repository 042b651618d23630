import { METHODS, type WireErrorName } from "@mcp-events/protocol";
import { sep } from "../../kit/check";
import { must, needs, same, show, type Wire } from "../../kit/expect";
import type { ServerContext } from "../context";
import { type Hook, mustVerify, newSecret, type Posted } from "../hook";
import type { Subject } from "../subject";
import type { ServerCheck } from "./server-check";

const SUBSCRIBING = sep("Subscribing: events/subscribe");
const IDENTITY = sep("Subscription identity");
const TTL = sep("Subscription TTL");
const SECURITY = sep("Webhook security");
/** What clocks may differ by, in milliseconds. */
const SLACK_MS = 60_000;
/** How much a server's floor may lift a suggestion, in milliseconds. */
const FLOOR_MS = 3_600_000;

/** Addresses that are nobody's endpoint (HOOK-15). */
const PRIVATE = [
  "https://10.0.0.1/hook",
  "https://192.168.1.1/hook",
  "https://169.254.169.254/latest/meta-data",
  "https://[fd00::1]/hook",
  "https://[::ffff:10.0.0.1]/hook",
];

/** Secrets that are none: too short, too long, no base64, without the prefix (HOOK-5). */
const BAD_SECRETS = [
  `whsec_${btoa("short")}`,
  `whsec_${btoa("x".repeat(65))}`,
  "whsec_!!!",
  btoa("x".repeat(32)),
];

/** A subscription of the check's own. */
async function subscribed(context: ServerContext, params: Wire = {}) {
  const subject = await context.subject({ mode: "webhook" });
  const hook = await context.hook();
  const secret = newSecret();
  const asked = context.subscription(subject, hook, secret, params);
  return { subject, hook, secret, asked, result: await context.subscribe(asked) };
}

/** A delivery that was signed after now; one that is under way already is passed over. */
async function nextSigned(context: ServerContext, subject: Subject, hook: Hook): Promise<Posted> {
  hook.posts.skip();
  const posted = await context.delivery(subject, hook);
  return subject.source === "itself" ? context.delivery(subject, hook) : posted;
}

/** The callback URL is refused by one of the errors; a server with its switch for development on may look a name up first. */
async function refused(context: ServerContext, url: string, names: readonly WireErrorName[]): Promise<void> {
  const subject = await context.subject({ mode: "webhook" });
  const asked = context.subscription(subject, await context.hook(), newSecret(), { delivery: { url } });
  const { error } = await context.connection.request(METHODS.subscribe, asked);
  needs(error?.code !== context.code("Forbidden"), "the server takes no webhooks of this caller");
  const codes = names.map((name) => context.code(name));
  must(codes.includes(error?.code), `${url}: ${error === undefined ? "was taken" : show(error)}`);
}

/** How webhooks are subscribed to (HOOK-1 to HOOK-8, HOOK-15, HOOK-17). */
export const subscribeChecks: readonly ServerCheck[] = [
  {
    id: "HOOK-1.result",
    title: "a subscription has an id, an end or null, a cursor or null, and truncated",
    severity: "MUST",
    reference: SUBSCRIBING,
    async run(context) {
      const { result } = await subscribed(context);
      const { id, refreshBefore, cursor = null, truncated } = result;
      must(typeof id === "string" && id !== "", `id is ${show(id)}`);
      must(
        refreshBefore === null || Date.parse(refreshBefore) > 0,
        `refreshBefore is ${show(refreshBefore)}`,
      );
      must(cursor === null || typeof cursor === "string", `cursor is ${show(cursor)}`);
      same(truncated, false, "truncated of a subscription from now");
    },
  },
  {
    id: "HOOK-2.anonymous",
    title: "nobody subscribes by webhook without a principal",
    severity: "MUST",
    reference: IDENTITY,
    async run(context) {
      const subject = await context.subject({ mode: "webhook" });
      const asked = context.subscription(subject, await context.hook());
      needs("url" in context.session.target, "over stdio there is one caller only");
      const anonymous = await context.connectAs({}).catch(() => undefined);
      needs(anonymous !== undefined, "without its headers the server cannot be reached at all");
      const answer = await anonymous.request(METHODS.subscribe, asked);
      if (answer?.httpStatus !== 401 && answer?.httpStatus !== 403) context.mustFail(answer, "Forbidden");
    },
  },
  {
    id: "HOOK-3.stable-id",
    title: "the same key has the same id, another URL another",
    severity: "MUST",
    reference: IDENTITY,
    async run(context) {
      const { subject, asked, result } = await subscribed(context);
      same((await context.subscribe(asked)).id, result.id, "id of the refresh");
      const other = await context.subscribe(context.subscription(subject, await context.hook()));
      must(other.id !== result.id, "another URL has the same id");
    },
  },
  {
    id: "HOOK-3.isolation",
    title: "another principal cannot end the subscription, and has an id of its own",
    severity: "MUST",
    reference: IDENTITY,
    async run(context) {
      const { otherHeaders } = context.settings;
      needs(otherHeaders !== undefined, "there is no second caller (--other-header)");
      const { asked, result } = await subscribed(context);
      const other = await context.connectAs(otherHeaders);
      const { name, arguments: args, delivery } = asked;
      const key = { name, arguments: args, delivery: { url: delivery.url } };
      context.mustFail(await other.request(METHODS.unsubscribe, key), "NotFound", { kind: "subscription" });
      context.onClose(() => other.request(METHODS.unsubscribe, key));
      const theirs = await other.request(METHODS.subscribe, asked);
      must(theirs.result?.id !== result.id, "two principals share an id");
    },
  },
  {
    id: "HOOK-4.rotation",
    title: "a refresh with another secret: deliveries verify under the new one",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const { subject, hook, asked } = await subscribed(context);
      const secret = newSecret();
      await context.subscribe({ ...asked, delivery: { ...asked.delivery, secret } });
      mustVerify(await nextSigned(context, subject, hook), secret);
    },
  },
  {
    id: "HOOK-4.grace",
    title: "for a while after a rotation the old secret signs, too",
    severity: "SHOULD",
    reference: SECURITY,
    async run(context) {
      const { subject, hook, secret, asked } = await subscribed(context);
      await context.subscribe({ ...asked, delivery: { ...asked.delivery, secret: newSecret() } });
      mustVerify(await nextSigned(context, subject, hook), secret);
    },
  },
  {
    id: "HOOK-5.secret",
    title: "a secret that is not whsec_ and base64 of 24 to 64 bytes is InvalidParams",
    severity: "MUST",
    reference: SUBSCRIBING,
    async run(context) {
      const { subject, hook } = await subscribed(context);
      for (const secret of [...BAD_SECRETS, undefined]) {
        const delivery = { mode: "webhook", url: hook.url, ...(secret !== undefined && { secret }) };
        const asked = { ...context.subscription(subject, hook), delivery };
        context.mustFail(await context.connection.request(METHODS.subscribe, asked), "InvalidParams");
      }
    },
  },
  {
    id: "HOOK-5.https",
    title: "a callback URL that is not https is InvalidParams",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      for (const url of ["http://example.com/hook", "ftp://example.com/hook", "not a url"]) {
        const development = url.startsWith("http:") && (await context.hook()).url.startsWith("http:");
        await refused(
          context,
          url,
          development ? ["InvalidParams", "CallbackEndpointError"] : ["InvalidParams"],
        );
      }
    },
  },
  {
    id: "HOOK-6.suggestion",
    title: "the grant is no longer than the suggested TTL, or than a floor",
    severity: "SHOULD",
    reference: TTL,
    async run(context) {
      const ttlMs = 2 * FLOOR_MS;
      const { result } = await subscribed(context, { ttlMs });
      const left = Date.parse(result.refreshBefore) - Date.now();
      must(left <= ttlMs + SLACK_MS, `${ttlMs} ms were suggested, the grant ends in ${left} ms`);
    },
  },
  {
    id: "HOOK-6.no-error",
    title: "no TTL is an error, be it short, long or null",
    severity: "MUST",
    reference: TTL,
    async run(context) {
      const { asked } = await subscribed(context);
      for (const ttlMs of [1, 1e12, null]) await context.ok(METHODS.subscribe, { ...asked, ttlMs });
    },
  },
  {
    id: "HOOK-6.expiry",
    title: "a subscription that did not ask for no expiry has an end that lies ahead",
    severity: "MUST",
    reference: TTL,
    async run(context) {
      const { asked, result } = await subscribed(context);
      const finite = await context.subscribe({ ...asked, ttlMs: FLOOR_MS });
      for (const { refreshBefore } of [result, finite]) {
        must(Date.parse(refreshBefore) > Date.now() - SLACK_MS, `refreshBefore is ${show(refreshBefore)}`);
      }
    },
  },
  {
    id: "HOOK-7.challenge",
    title: "before the first delivery the endpoint gets a signed challenge",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      needs(!context.settings.allowlisted, "the server confirms endpoints in another way (--allowlisted)");
      const { hook, secret } = await subscribed(context);
      const [challenge] = hook.challenges;
      must(challenge !== undefined, "no challenge came before the answer to events/subscribe");
      must(String(challenge.body.challenge ?? "").length >= 16, `the challenge is ${show(challenge.body)}`);
      mustVerify(challenge, secret);
    },
  },
  {
    id: "HOOK-7.wrong-echo",
    title: "an endpoint that does not echo the challenge is refused",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      needs(!context.settings.allowlisted, "the server confirms endpoints in another way (--allowlisted)");
      const { subject } = await subscribed(context);
      const hook = await context.hook();
      hook.echo = () => "another";
      const asked = context.subscription(subject, hook);
      const answer = await context.connection.request(METHODS.subscribe, asked);
      context.mustFail(answer, "CallbackEndpointError", { reason: "challenge_failed" });
    },
  },
  {
    id: "HOOK-7.once",
    title: "a confirmed endpoint is not challenged again at each refresh",
    severity: "SHOULD",
    reference: SECURITY,
    async run(context) {
      const { asked, hook } = await subscribed(context);
      const before = hook.challenges.length;
      await context.subscribe(asked);
      same(hook.challenges.length - before, 0, "challenges at the refresh");
    },
  },
  {
    id: "HOOK-15.private-addresses",
    title: "callback URLs at addresses that are not public are refused",
    severity: "SHOULD",
    reference: SECURITY,
    async run(context) {
      for (const url of PRIVATE) await refused(context, url, ["InvalidParams", "CallbackEndpointError"]);
    },
  },
  {
    id: "HOOK-17.unsubscribe",
    title: "after events/unsubscribe nothing is delivered any more",
    severity: "MUST",
    reference: sep("Unsubscribing: events/unsubscribe"),
    async run(context) {
      const { subject, hook, asked } = await subscribed(context);
      const { name, arguments: args } = asked;
      await context.ok(METHODS.unsubscribe, { name, arguments: args, delivery: { url: hook.url } });
      const before = hook.posts.all.length;
      await context.provoke(subject);
      await context.quiet();
      same(hook.posts.all.length - before, 0, "deliveries after events/unsubscribe");
    },
  },
  {
    id: "HOOK-17.unknown",
    title: "to unsubscribe what is not there is NotFound",
    severity: "MUST",
    reference: sep("Error Handling"),
    async run(context) {
      const { subject } = await subscribed(context);
      const { name, arguments: args } = subject;
      const params = { name, arguments: args, delivery: { url: (await context.hook()).url } };
      const answer = await context.connection.request(METHODS.unsubscribe, params);
      context.mustFail(answer, "NotFound", { kind: "subscription" });
    },
  },
];
