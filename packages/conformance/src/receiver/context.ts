import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { needs, show, type Wire } from "../kit/expect";
import { pause, within } from "../kit/within";
import type { Observed, ReceiverSettings } from "./options";

/** How a delivery differs from a good one. */
export interface Posting {
  /** Secrets that sign, in the order of the header; default the receiver's own. */
  readonly secrets?: readonly string[];
  /** Time of the signature; default now. */
  readonly at?: Date;
  /** `webhook-id`; default the event's id, or one of the message. */
  readonly id?: string;
  /** Headers that are changed; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The body that is sent in place of the one that was signed. */
  readonly sent?: string;
}

/** What a receiver answered. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** Pause between two looks at what the application saw, in milliseconds. */
const LOOK_MS = 20;

/** The scripted sender, as a check uses it. */
export class ReceiverContext {
  constructor(
    readonly url: string,
    readonly settings: ReceiverSettings,
  ) {}

  /** An event; `changes` are put over it. */
  event(changes: Wire = {}): Wire {
    const eventId = `conformance-${randomUUID()}`;
    return {
      eventId,
      name: this.settings.type,
      timestamp: new Date().toISOString(),
      data: { from: "conformance" },
      cursor: `after-${eventId}`,
      ...changes,
    };
  }

  /** Posts a body, signed. A string is sent as it is. */
  async post(body: Wire, posting: Posting = {}): Promise<Answered> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const id = posting.id ?? body?.eventId ?? `msg_${body?.type ?? "text"}_${randomUUID()}`;
    const at = posting.at ?? new Date();
    const secrets = posting.secrets ?? [this.settings.secret];
    const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, text));
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": signatures.join(" "),
      "x-mcp-subscription-id": this.settings.subscriptionId,
      ...posting.headers,
    };
    const given = Object.entries(headers).filter(
      (header): header is [string, string] => header[1] !== undefined,
    );
    const init = { method: "POST", headers: given, body: posting.sent ?? text, redirect: "manual" as const };
    const exchange = fetch(this.url, init).then(async (answer) => ({
      status: answer.status,
      text: await answer.text(),
    }));
    return within(exchange, this.settings.patienceMs, "an answer of the receiver");
  }

  /** What the application saw. @throws Untestable when nobody can be asked. */
  async observed(): Promise<readonly Observed[]> {
    const { observed } = this.settings;
    needs(observed !== undefined, "what the application saw is not known (--observed)");
    if (typeof observed === "function") return observed();
    const seen: unknown = await (await fetch(observed)).json();
    needs(Array.isArray(seen), `${observed} gave no array but ${show(seen)}`);
    return seen;
  }

  /** What the application saw, once it is as told; at the latest after the patience. */
  async seen(accept: (seen: readonly Observed[]) => boolean): Promise<readonly Observed[]> {
    const end = performance.now() + this.settings.patienceMs;
    for (;;) {
      const seen = await this.observed();
      if (accept(seen) || performance.now() > end) return seen;
      await pause(LOOK_MS);
    }
  }

  async close(): Promise<void> {}
}
