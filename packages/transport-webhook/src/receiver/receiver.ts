import {
  type CallbackOptions,
  type ClientTransport,
  EventsError,
  type JsonObject,
  type ResequenceOffer,
  WEBHOOK_HEADERS,
  WELL_KNOWN,
  type WebhookCallback,
  type WebhookReceiver,
} from "@mcp-events/protocol";
import { headerOf } from "../signature/headers";
import { verifyWebhook } from "../signature/verify-webhook";
import { Callback } from "./callback";
import { type DeliveryBody, readDelivery } from "./delivery-body";
import {
  accepted,
  json,
  type RefusalReason,
  refused,
  retry,
  type WebhookRequest,
  type WebhookResponse,
} from "./outcome";
import { readBounded } from "./read-bounded";
import { type ReceiverSettings, receiverSettings, type WebhookReceiverOptions } from "./receiver-options";
import { TOO_LATE, within } from "./within";

/** What `webhookReceiver` makes: give it to `createEventClient` as a transport, and requests to {@link handle}. */
export interface WebhookReceiverHandle extends WebhookReceiver, ClientTransport {
  /** Answers a request; never rejects. Framework-free: `fetchHandler` and `nodeHandler` call it. */
  handle(request: WebhookRequest): Promise<WebhookResponse>;
  /** Whether a path is the receiver's to answer: below its base, or that of the receiver document. */
  owns(path: string): boolean;
  /** The receiver document, to be published at `/.well-known/mcp-webhook-receiver.json` (HOOK-7); `handle` serves it as well. */
  document(): { readonly receivers: readonly string[] };
  /** Deliveries are answered 503 from now on, so that they are sent again to whoever comes next. */
  close(): void;
}

/** Paths of closed callbacks that are remembered. */
const MAX_CLOSED = 10_000;

/**
 * Receives webhooks (HOOK-18): each subscription has a callback path and a secret of its own, so that a challenge is
 * answered while subscribe still runs (HOOK-8). Runs anywhere that has WebCrypto.
 *
 * @throws EventsError `option_invalid` naming the field.
 */
export function webhookReceiver(options: WebhookReceiverOptions): WebhookReceiverHandle {
  return new Receiver(receiverSettings(options));
}

class Receiver implements WebhookReceiverHandle {
  readonly name = "webhook";
  readonly resequence: ResequenceOffer | undefined;
  readonly ttlMs: number | null | undefined;
  readonly #settings: ReceiverSettings;
  readonly #byKey = new Map<string, Callback | undefined>();
  readonly #byPath = new Map<string, Callback>();
  readonly #closedPaths = new Set<string>();
  #inFlight = 0;
  #closed = false;

  constructor(settings: ReceiverSettings) {
    this.#settings = settings;
    this.resequence = settings.resequence;
    this.ttlMs = settings.ttlMs;
  }

  get webhookReceiver(): WebhookReceiver {
    return this;
  }

  connect(): undefined {
    return undefined;
  }

  async open(options: CallbackOptions): Promise<WebhookCallback> {
    const { key } = options;
    if (this.#closed) throw new EventsError("closed", "the webhook receiver is closed");
    if (this.#byKey.has(key)) throw new EventsError("option_invalid", `key: a callback of ${key} is open`);
    this.#byKey.set(key, undefined);
    const path = await pathOf(key);
    const callback = new Callback(options, this.#settings.url + path, this.#settings, (one) => {
      if (this.#byPath.get(path) === one) this.#forget(key, path);
    });
    this.#byKey.set(key, callback);
    this.#byPath.set(path, callback);
    this.#closedPaths.delete(path);
    return callback;
  }

  owns(path: string): boolean {
    const plain = withoutQuery(path);
    return plain === WELL_KNOWN.receiver || plain.startsWith(this.#settings.path);
  }

  document(): { readonly receivers: readonly string[] } {
    return { receivers: [this.#settings.publicPath] };
  }

  async handle(request: WebhookRequest): Promise<WebhookResponse> {
    const path = withoutQuery(request.path);
    if (!this.owns(path)) return json(404, { error: "foreign" }, { kind: "foreign" });
    if (path === WELL_KNOWN.receiver) return this.#documentFor(request.method);
    if (this.#closed) return retry("closing");
    if (this.#inFlight >= this.#settings.maxInFlight) return retry("busy");
    this.#inFlight += 1;
    try {
      return await this.#receive(request, path.slice(this.#settings.path.length));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#settings.logger.error("a webhook request could not be answered", { reason });
      return retry("failed");
    } finally {
      this.#inFlight -= 1;
    }
  }

  close(): void {
    this.#closed = true;
    this.#byKey.clear();
    this.#byPath.clear();
  }

  #documentFor(method: string): WebhookResponse {
    if (method !== "GET" && method !== "HEAD")
      return { ...refused("wrong_method"), headers: { allow: "GET" } };
    const response = json(200, this.document(), { kind: "document" }, { "cache-control": "max-age=3600" });
    return method === "HEAD" ? { ...response, body: "" } : response;
  }

  async #receive(request: WebhookRequest, path: string): Promise<WebhookResponse> {
    const callback = this.#byPath.get(path);
    if (callback === undefined) {
      return this.#refuse(this.#closedPaths.has(path) ? "closed_callback" : "unknown_callback");
    }
    if (request.method !== "POST") return this.#refuse("wrong_method", callback);
    const { clock, answerWithinMs, maxBodyBytes } = this.#settings;
    const due = clock.now() + answerWithinMs;
    const bytes = await within(clock, due, bytesOf(request.body, maxBodyBytes)).catch(() => undefined);
    if (bytes === TOO_LATE) return retry("timed_out");
    if (bytes === undefined) return this.#refuse("unreadable_body", callback);
    if (bytes.length > maxBodyBytes) return this.#refuse("too_large", callback);
    const problem = await this.#problem(request, callback, bytes);
    if (problem !== undefined) return problem;
    const delivery = readDelivery(bytes);
    if (delivery === undefined) return this.#refuse("malformed_body", callback);
    return this.#deliver(delivery, request, callback, due);
  }

  /** Nothing in the body is looked at before this finds nothing. */
  async #problem(
    { headers }: WebhookRequest,
    callback: Callback,
    body: Uint8Array,
  ): Promise<WebhookResponse | undefined> {
    const { clock, toleranceMs, identity: publicKeys, requireIdentity } = this.#settings;
    const now = clock.now();
    const secrets = callback.accepted(now);
    const options = { secrets, headers, body, now, toleranceMs, publicKeys, requireIdentity };
    const verified = await verifyWebhook(options);
    const expected = callback.subscriptionId;
    if (!verified.ok) {
      const { reason } = verified;
      if (reason === "identity_unavailable") return retry(reason);
      // What an earlier process subscribed with may still sign (HOOK-8).
      if (reason === "bad_signature" && expected === undefined) return retry("unsettled");
      return this.#refuse(reason, callback);
    }
    if (expected === undefined) return undefined;
    const given = headerOf(headers, WEBHOOK_HEADERS.subscriptionId);
    if (given === undefined) return this.#refuse("missing_header", callback);
    return given === expected ? undefined : this.#refuse("wrong_subscription", callback);
  }

  #deliver(
    delivery: DeliveryBody,
    { headers }: WebhookRequest,
    callback: Callback,
    due: number,
  ): WebhookResponse | Promise<WebhookResponse> {
    switch (delivery.kind) {
      case "verification":
        return json(200, { challenge: delivery.challenge }, { kind: "verification" });
      case "unknown":
        this.#settings.logger.warn("a webhook envelope of an unknown type was left alone", {
          type: delivery.type,
        });
        return accepted({ kind: "ignored", type: delivery.type });
      case "control":
        return this.#take(callback, delivery.body, due);
      case "event": {
        const id = headerOf(headers, WEBHOOK_HEADERS.id) ?? "";
        if (id !== delivery.eventId && !id.startsWith("msg_")) return this.#refuse("wrong_id", callback);
        return this.#take(callback, delivery.body, due);
      }
    }
  }

  async #take(callback: Callback, body: JsonObject, due: number): Promise<WebhookResponse> {
    const { clock, logger } = this.#settings;
    const taking = takeOf(callback, body);
    taking.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error("a webhook delivery could not be handed on", { key: callback.key, reason });
    });
    const outcome = await within(clock, due, taking).catch(() => "failed" as const);
    if (outcome === "accepted") return accepted({ kind: "accepted" });
    if (outcome === TOO_LATE) return retry("timed_out");
    return retry(outcome === "failed" ? "failed" : "refused");
  }

  #refuse(reason: RefusalReason, callback?: Callback): WebhookResponse {
    this.#settings.logger.warn("a webhook request was refused", { reason, key: callback?.key });
    return refused(reason);
  }

  #forget(key: string, path: string): void {
    this.#byKey.delete(key);
    this.#byPath.delete(path);
    const [oldest] = this.#closedPaths.size >= MAX_CLOSED ? this.#closedPaths : [];
    if (oldest !== undefined) this.#closedPaths.delete(oldest);
    this.#closedPaths.add(path);
  }
}

async function takeOf(callback: Callback, body: JsonObject): Promise<"accepted" | "retry"> {
  return callback.take(body);
}

/** 128 bits of the key's hash: the same key has the same path in every process. */
async function pathOf(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return Array.from(new Uint8Array(hash, 0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function bytesOf(body: WebhookRequest["body"], maxBytes: number): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : readBounded(body, maxBytes);
}

function withoutQuery(path: string): string {
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}
