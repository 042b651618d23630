import { createHash } from "node:crypto";
import type { UpstreamState } from "@mcp-events/ordering";
import { type Clock, EventsError, type Logger, sleep } from "@mcp-events/protocol";
import type { SafeObserver } from "../observer";
import type { ResolvedOptions } from "../options";
import type { Subscription } from "../subscriptions/subscription";
import type { ServerLog } from "../wire/server-log";
import { withTimeout } from "../with-timeout";
import { yieldToLoop } from "../yield-to-loop";
import { type CheckAnswer, entriesOf, readCheckResult } from "./check-result";

const MAX_CONFLICTS = 16;

/** What a group needs of its server. */
export interface UpstreamContext {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: SafeObserver;
}

/** Whose upstream: a tag of (principal, name, arguments) that fits into cursors. */
function groupTag(audience: string): string {
  return createHash("sha256").update(audience).digest("base64url").slice(0, 16);
}

/**
 * The one poller of all equal subscriptions of a check-backed type (ORDERING rule 6). Asks the upstream from the
 * cursor that is stored with the log, and appends what it answers together with its next cursor.
 */
export class UpstreamGroup {
  readonly tag: string;
  readonly #audience: string;
  readonly #listeners = new Set<(error: unknown) => void>();
  #asker: Subscription;
  #syncing: Promise<void> | undefined;
  #pausing: AbortController | undefined;
  #polling = false;
  /** When the upstream was asked last, and for how long it is left alone after that. */
  #asked: { readonly at: number; readonly restMs: number } | undefined;
  #failures = 0;
  #lastError: unknown;
  #intervalMs: number;
  readonly #closed = new AbortController();

  constructor(
    private readonly context: UpstreamContext,
    private readonly log: ServerLog,
    subscription: Subscription,
  ) {
    this.#asker = subscription;
    this.#audience = subscription.audience;
    this.tag = groupTag(subscription.audience);
    this.#intervalMs = subscription.type.options.checkMs ?? context.options.checkMs;
  }

  /** Whether the upstream is being asked by itself, for subscribers that wait. */
  get polling(): boolean {
    return this.#polling;
  }

  /** How long to wait before asking again, in milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Uses the caller's authentication from now on: it is the latest, and the same principal's. */
  askFor(subscription: Subscription): void {
    this.#asker = subscription;
  }

  /**
   * Brings the log up to date, unless the upstream was asked a moment ago.
   *
   * @throws what `check` threw, also when it is too early to try again.
   */
  async sync(): Promise<void> {
    if (this.#syncing === undefined && this.#restMs() > 0) {
      if (this.#failures > 0) throw this.#lastError;
      return;
    }
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined;
    });
    await this.#syncing;
  }

  /** Makes the next {@link sync} ask the upstream, whenever it was asked last. */
  expire(): void {
    this.#asked = undefined;
  }

  /**
   * Keeps the log up to date until the returned function is called.
   *
   * @param onFailure - Told when asking begins to fail.
   */
  watch(onFailure: (error: unknown) => void): () => void {
    this.#listeners.add(onFailure);
    if (!this.#polling) void this.#poll();
    return () => {
      this.#listeners.delete(onFailure);
      if (this.#listeners.size === 0) this.#pausing?.abort();
    };
  }

  /** Stops for good. */
  close(): void {
    this.#listeners.clear();
    this.#closed.abort();
    this.#pausing?.abort();
  }

  /** How long until the upstream may be asked again; a clock that was set back makes that earlier, not later. */
  #restMs(): number {
    if (this.#asked === undefined) return 0;
    const { at, restMs } = this.#asked;
    const passed = this.context.clock.now() - at;
    return passed < 0 ? 0 : restMs - passed;
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#listeners.size > 0) {
      const waitMs = this.#restMs();
      if (waitMs > 0) {
        this.#pausing = new AbortController();
        await sleep(this.context.clock, waitMs, this.#pausing.signal);
        continue;
      }
      await this.sync().catch(() => {});
    }
    this.#polling = false;
  }

  async #sync(): Promise<void> {
    const { clock, options, observer, logger } = this.context;
    const { name } = this.#asker.type;
    try {
      const answer = await this.#drain();
      this.#intervalMs = Math.max(
        1,
        answer.nextCheckMs ?? this.#asker.type.options.checkMs ?? options.checkMs,
      );
      this.#failures = 0;
      this.#asked = { at: clock.now(), restMs: this.#intervalMs };
    } catch (error) {
      this.#failures += 1;
      this.#lastError = error;
      const backoffMs = options.checkBackoffMs * 2 ** Math.min(this.#failures - 1, 30);
      this.#asked = { at: clock.now(), restMs: Math.min(backoffMs, options.maxCheckBackoffMs) };
      observer.checkFailed({ name, attempt: this.#failures, error });
      logger.warn("check failed", { name, attempt: this.#failures, error });
      if (this.#failures === 1) for (const listener of this.#listeners) listener(error);
      throw error;
    }
  }

  /** Asks until the upstream has nothing more. */
  async #drain(): Promise<CheckAnswer> {
    for (let conflicts = 0; ; ) {
      const log = await this.log.open();
      const state = await log.upstream(this.tag);
      const answer = readCheckResult(this.#asker.type.name, await this.#ask(state?.cursor ?? null));
      const moved = await this.#append(state, answer);
      if (moved === "conflict") {
        conflicts += 1;
        if (conflicts < MAX_CONFLICTS) continue;
        throw new EventsError("append_conflict", "check: others keep moving the upstream's cursor", {
          retryable: true,
        });
      }
      if (moved === "idle" || !answer.hasMore) return answer;
      await yieldToLoop();
    }
  }

  async #append(
    state: UpstreamState | undefined,
    answer: CheckAnswer,
  ): Promise<"advanced" | "idle" | "conflict"> {
    const { type } = this.#asker;
    const before = state?.cursor ?? null;
    const entries = await entriesOf(answer, {
      type,
      group: this.tag,
      audience: this.#audience,
      before,
      now: () => this.context.clock.now(),
      random: this.context.options.random,
      onUnusable: (error) =>
        this.context.logger.error("check gave an event of no use", { name: type.name, error }),
    });
    if (this.#closed.signal.aborted) throw new EventsError("closed", "check: the server closed");
    const idle = entries.length === 0 && answer.cursor === before;
    if (idle && state !== undefined) return "idle";
    try {
      const log = await this.log.open();
      const upstream = { group: this.tag, from: state?.cursor, to: answer.cursor };
      const appended = await log.append(entries, { upstream });
      for (const [index, { epoch, seq, duplicate }] of appended.entries()) {
        const { eventId } = entries[index]!;
        this.context.observer.append({ log: log.name, name: type.name, eventId, epoch, seq, duplicate });
      }
      return idle ? "idle" : "advanced";
    } catch (error) {
      if (EventsError.is(error) && error.code === "append_conflict") return "conflict";
      throw error;
    }
  }

  async #ask(cursor: string | null): Promise<unknown> {
    const { type, principal, authInfo, arguments: args } = this.#asker;
    const { check, sharedCheck } = type.options;
    const { clock, options } = this.context;
    const who = sharedCheck ? { principal: null, authInfo: undefined } : { principal, authInfo };
    return withTimeout(clock, options.checkTimeoutMs, `${type.name}: check`, this.#closed.signal, (signal) =>
      check!({ ...who, name: type.name, signal }, args, cursor),
    );
  }
}
