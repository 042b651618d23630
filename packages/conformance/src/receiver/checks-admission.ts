import { WEBHOOK_TOLERANCE_MS } from "@mcp-events/protocol";
import { type Check, sep } from "../kit/check";
import { must, same, show } from "../kit/expect";
import { newSecret } from "../server/hook";
import type { Answered, ReceiverContext } from "./context";

const SECURITY = sep("Webhook security");
const DELIVERY = sep("Webhook event delivery");
const CHALLENGE = "conformance-challenge-0123456789";
const STALE_MS = 2 * WEBHOOK_TOLERANCE_MS;

const accepted = ({ status }: Answered) => status >= 200 && status < 300;

function mustAccept(answer: Answered): void {
  must(accepted(answer), `answered with ${answer.status}: ${show(answer.text)}`);
}

/** Refused by the receiver, not by its fall. */
function mustRefuse(answer: Answered): void {
  must(answer.status >= 400 && answer.status < 500, `answered with ${answer.status}`);
}

/** What a receiver lets in (HOOK-7, HOOK-18). */
export const admissionChecks: readonly Check<ReceiverContext>[] = [
  {
    id: "HOOK-7.echo",
    title: "a signed challenge is echoed in a 2xx body",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const answer = await context.post({ type: "verification", challenge: CHALLENGE });
      mustAccept(answer);
      same(JSON.parse(answer.text).challenge, CHALLENGE, "challenge in the answer");
    },
  },
  {
    id: "HOOK-7.forged",
    title: "a challenge that is not signed with the secret is not echoed",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const answer = await context.post(
        { type: "verification", challenge: CHALLENGE },
        { secrets: [newSecret()] },
      );
      must(!answer.text.includes(CHALLENGE), "a forged challenge was echoed");
    },
  },
  {
    id: "HOOK-18.accepts",
    title: "a good delivery is accepted",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      mustAccept(await context.post(context.event()));
    },
  },
  {
    id: "HOOK-18.unsigned",
    title: "a delivery without a signature is refused",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      mustRefuse(await context.post(context.event(), { headers: { "webhook-signature": undefined } }));
    },
  },
  {
    id: "HOOK-18.other-secret",
    title: "a delivery signed with another secret is refused",
    severity: "MUST",
    reference: DELIVERY,
    async run(context) {
      mustRefuse(await context.post(context.event(), { secrets: [newSecret()] }));
    },
  },
  {
    id: "HOOK-18.unauthorized",
    title: "a bad signature is answered with 401",
    severity: "SHOULD",
    reference: "docs/specification/events.md, HOOK-18",
    async run(context) {
      same((await context.post(context.event(), { secrets: [newSecret()] })).status, 401, "status");
    },
  },
  {
    id: "HOOK-18.tampered",
    title: "a body that was changed after it was signed is refused",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const event = context.event();
      const sent = JSON.stringify({ ...event, data: { from: "somebody else" } });
      mustRefuse(await context.post(event, { sent }));
    },
  },
  {
    id: "HOOK-18.raw-body",
    title: "the signature covers the bytes of the body, however the JSON is written",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      const event = context.event({ data: { text: "späť 東京 \u2028" } });
      const text = JSON.stringify(event, null, 3).replace("conformance", "\\u0063onformance");
      mustAccept(await context.post(`${text}\n`, { id: event.eventId }));
    },
  },
  {
    id: "HOOK-18.rotation",
    title: "of several signatures one that verifies is enough",
    severity: "MUST",
    reference: SECURITY,
    async run(context) {
      mustAccept(await context.post(context.event(), { secrets: [newSecret(), context.settings.secret] }));
    },
  },
  {
    id: "HOOK-18.old",
    title: "a delivery that was signed ten minutes ago is refused",
    severity: "SHOULD",
    reference: DELIVERY,
    async run(context) {
      mustRefuse(await context.post(context.event(), { at: new Date(Date.now() - STALE_MS) }));
    },
  },
  {
    id: "HOOK-18.future",
    title: "a delivery that was signed in the future is refused",
    severity: "SHOULD",
    reference: "docs/specification/events.md, HOOK-18",
    async run(context) {
      mustRefuse(await context.post(context.event(), { at: new Date(Date.now() + STALE_MS) }));
    },
  },
  {
    id: "HOOK-18.malformed",
    title: "a signed body that is no JSON is refused, and the receiver lives on",
    severity: "MUST",
    reference: "docs/specification/events.md, HOOK-18",
    async run(context) {
      mustRefuse(await context.post("{not json"));
      mustAccept(await context.post(context.event()));
    },
  },
  {
    id: "HOOK-18.content-type",
    title: "a delivery that does not say it is JSON is refused, or read all the same; it does no harm",
    severity: "SHOULD",
    reference: SECURITY,
    async run(context) {
      const { status } = await context.post(context.event(), { headers: { "content-type": "text/plain" } });
      must(status < 500, `answered with ${status}`);
    },
  },
  {
    id: "HOOK-18.large-body",
    title: "a body far over 256 KiB is refused, and the receiver lives on",
    severity: "SHOULD",
    reference: SECURITY,
    async run(context) {
      const padding = "x".repeat(context.settings.largeBytes);
      const answer = await context.post(context.event({ data: { padding } })).catch(() => undefined);
      must(answer === undefined || !accepted(answer), "it was accepted");
      mustAccept(await context.post(context.event()));
    },
  },
];
