import type { Logger } from "@mcp-events/protocol";
import { type Clock, type DeliveryError, type WebhookTarget, WireError } from "@mcp-events/protocol";
import type { CallbackUrl } from "./callback-url";
import { challengeFailure, MAX_ECHO_BYTES, newChallenge } from "./challenge";
import type { Courier, Lane } from "./courier";
import type { ResolvedSenderOptions } from "./options";
import { coversUrl } from "./path-prefix";
import { Rates } from "./rates";
import { SharedTask } from "./shared-task";
import { MAX_DOCUMENT_BYTES, ReceiverDocuments } from "./well-known";

/** Verified pairs that are remembered, at most. */
const MAX_VERIFIED = 100_000;

/** Makes sure that endpoints want deliveries (HOOK-7): once for each principal and URL, however many ask at once. */
export class Verifier {
  readonly #until = new Map<string, number>();
  readonly #running = new Map<string, SharedTask<void>>();
  readonly #documents = new ReceiverDocuments();
  readonly #rates: Rates;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(
    private readonly options: ResolvedSenderOptions,
    private readonly courier: Courier,
    private readonly lane: Lane,
  ) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#rates = new Rates(options.verification.perHostPerMinute, 60_000);
  }

  /**
   * Resolves when the endpoint is verified for the principal.
   *
   * @throws WireError `CallbackEndpointError` with `data.reason`, `ResourceExhausted` when the host is asked too often;
   *   the signal's reason when it aborts.
   */
  verify(url: CallbackUrl, target: WebhookTarget, signal: AbortSignal): Promise<void> {
    const pair = JSON.stringify([target.principal, target.url]);
    const until = this.#until.get(pair);
    if (until !== undefined && this.#clock.now() < until) return Promise.resolve();
    return (this.#running.get(pair) ?? this.#start(pair, url, target)).join(signal);
  }

  #start(pair: string, url: CallbackUrl, target: WebhookTarget): SharedTask<void> {
    const task: SharedTask<void> = new SharedTask(
      (signal) => this.#establish(pair, url, target, signal),
      () => {
        if (this.#running.get(pair) === task) this.#running.delete(pair);
      },
    );
    this.#running.set(pair, task);
    return task;
  }

  async #establish(
    pair: string,
    url: CallbackUrl,
    target: WebhookTarget,
    signal: AbortSignal,
  ): Promise<void> {
    if (!this.#isAllowed(target) && !(await this.#isConfirmed(target, signal))) {
      const failure = await this.#ask(url, target, signal);
      signal.throwIfAborted();
      if (failure !== undefined) {
        const message = "the callback endpoint could not be verified";
        throw new WireError("CallbackEndpointError", message, { reason: failure });
      }
    }
    this.#remember(pair);
  }

  #isAllowed({ url, principal }: WebhookTarget): boolean {
    const { allow } = this.options.verification;
    if (typeof allow === "function") return allow(url, principal) === true;
    return allow?.some((prefix) => coversUrl(prefix, url)) ?? false;
  }

  async #isConfirmed(
    { url, principal, subscriptionId }: WebhookTarget,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { confirm } = this.options.verification;
    if (confirm === undefined) return false;
    try {
      return (await confirm({ url, principal, subscriptionId }, signal)) === true;
    } catch (error) {
      this.#logger.error("webhook: verification.confirm failed; the endpoint is asked", { error });
      return false;
    }
  }

  /** By challenge, then by the origin's document where the origin can be reached. */
  async #ask(
    url: CallbackUrl,
    target: WebhookTarget,
    signal: AbortSignal,
  ): Promise<DeliveryError | undefined> {
    const { perHostPerMinute, wellKnown } = this.options.verification;
    if (!this.#rates.take(url.hostname, this.#clock.now())) {
      const data = { limit: "verifications", max: perHostPerMinute };
      throw new WireError("ResourceExhausted", "too many verifications at this host", data);
    }
    const { nonce, message } = newChallenge(this.options.randomBytes);
    const send = () => this.courier.signed(url, target, message);
    const answer = await this.courier.run(this.lane, url, send, MAX_ECHO_BYTES, signal);
    const failure = challengeFailure(nonce, answer);
    if (failure === undefined || wellKnown === false) return failure;
    if (failure === "connection_refused" || failure === "tls_error") return failure;
    return (await this.#isDeclared(url, signal)) ? undefined : failure;
  }

  #isDeclared(url: CallbackUrl, signal: AbortSignal): Promise<boolean> {
    const [path] = url.path.split("?");
    return this.#documents.declares(
      url.origin,
      path!,
      () => this.#clock.now(),
      (document) =>
        this.courier.run(this.lane, url, () => this.courier.fetches(document), MAX_DOCUMENT_BYTES, signal),
    );
  }

  #remember(pair: string): void {
    this.#until.delete(pair);
    if (this.#until.size >= MAX_VERIFIED) this.#until.delete(this.#until.keys().next().value!);
    this.#until.set(pair, this.#clock.now() + this.options.verification.ttlMs);
  }
}
