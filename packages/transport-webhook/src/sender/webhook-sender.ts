import type { PostResult, WebhookMessage, WebhookSender, WebhookTarget } from "@mcp-events/protocol";
import type { AttemptOutcome, AttemptRequest } from "./attempt";
import { type CallbackUrl, callbackUrl } from "./callback-url";
import { Courier, type Lane } from "./courier";
import { Guard } from "./guard";
import type { Identity } from "./identity";
import type { ResolvedSenderOptions } from "./options";
import { type PlaceLimits, Places } from "./places";
import { Pools } from "./pools";
import { Rates } from "./rates";
import { retryAfterMs } from "./retry-after";
import { Verifier } from "./verifier";

/** URLs that are kept taken apart, at most. */
const KEPT_URLS = 10_000;

/** Verifications under way; apart from deliveries, so that a slow host's queue holds up no subscribe. */
const VERIFICATIONS: PlaceLimits = { perHost: 8, total: 256 };

/** Posts webhooks over connections of its own. */
export class NodeWebhookSender implements WebhookSender {
  readonly #urls = new Map<string, CallbackUrl>();
  readonly #rates: Rates | undefined;
  readonly #guard: Guard;
  readonly #pools: Pools[] = [];
  readonly #deliveries: Lane;
  readonly #courier: Courier;
  readonly #verifier: Verifier;

  constructor(
    private readonly options: ResolvedSenderOptions,
    identity: Identity,
  ) {
    const { clock, exceptions, maxPerHost, maxTotal, ratePerHost, resolve, userAgent } = options;
    this.#guard = new Guard(resolve, exceptions, clock);
    this.#rates = ratePerHost === undefined ? undefined : new Rates(ratePerHost, 1_000);
    this.#deliveries = this.#lane({ perHost: maxPerHost, total: maxTotal, rates: this.#rates });
    this.#courier = new Courier(clock, identity, userAgent);
    this.#verifier = new Verifier(options, this.#courier, this.#lane(VERIFICATIONS));
  }

  requireUrl(url: string): void {
    this.#take(url);
  }

  async verify(target: WebhookTarget, signal: AbortSignal): Promise<void> {
    await this.#verifier.verify(this.#take(target.url), target, signal);
  }

  async post(target: WebhookTarget, make: () => WebhookMessage, signal: AbortSignal): Promise<PostResult> {
    const url = this.#known(target.url);
    if (url === undefined) return { kind: "failed", error: "connection_refused" };
    const send = () => this.#signed(url, target, make);
    return this.#result(await this.#courier.run(this.#deliveries, url, send, 0, signal));
  }

  throttledMs(url: string): number | undefined {
    const known = this.#known(url);
    if (known === undefined) return undefined;
    const { hostname } = known;
    const { places } = this.#deliveries;
    const ahead = places.waiting(hostname);
    const wait = this.#rates?.waitMs(hostname, ahead + 1, this.options.clock.now()) ?? 0;
    if (wait > 0) return wait;
    return places.isFull(hostname) ? this.options.timeoutMs : undefined;
  }

  async close(): Promise<void> {
    this.#courier.close();
    await Promise.all(this.#pools.map((pools) => pools.close()));
  }

  #lane(limits: PlaceLimits): Lane {
    const { clock, timeoutMs, tls } = this.options;
    const pools = new Pools(
      { connections: limits.perHost, maxPools: 2 * limits.total, timeoutMs, tls },
      clock,
    );
    this.#pools.push(pools);
    return { places: new Places(limits, clock), means: { guard: this.#guard, pools, clock, timeoutMs } };
  }

  #signed(url: CallbackUrl, target: WebhookTarget, make: () => WebhookMessage): AttemptRequest {
    try {
      return this.#courier.signed(url, target, make());
    } catch (error) {
      const { subscriptionId } = target;
      this.options.logger.error("webhook: a delivery could not be made", { subscriptionId, error });
      throw error;
    }
  }

  #result(outcome: AttemptOutcome): PostResult {
    if (outcome.kind !== "answered") return outcome;
    const header = outcome.headers["retry-after"];
    if (header === undefined) return { kind: "answered", status: outcome.status };
    const wait = retryAfterMs(String(header), this.options.clock.now());
    return { kind: "answered", status: outcome.status, retryAfterMs: wait };
  }

  #known(url: string): CallbackUrl | undefined {
    try {
      return this.#take(url);
    } catch {
      return undefined;
    }
  }

  #take(url: string): CallbackUrl {
    const known = this.#urls.get(url);
    if (known !== undefined) return known;
    const taken = callbackUrl(url, this.options.exceptions);
    if (this.#urls.size >= KEPT_URLS) this.#urls.delete(this.#urls.keys().next().value!);
    this.#urls.set(url, taken);
    return taken;
  }
}
