import type { GapReason } from "@mcp-events/ordering";
import {
  type DeliveryMode,
  type DeliveryStatus,
  type EventConnection,
  EventsError,
  type JsonObject,
  sleep,
  WireError,
} from "@mcp-events/protocol";
import { Backoff } from "./backoff";
import { failureKind } from "./failure";
import type { Asked, Intake } from "./intake";
import type { Delivery, DeliveryModeDriver } from "./modes/driver";
import { pollOnce } from "./modes/poll";
import { linkedAbort } from "./modes/read-batches";
import type { ClientSettings } from "./options";
import { RecoverByReopening, recoverByPoll } from "./recover";

/** What a session runs on. */
export interface SessionOptions {
  readonly connection: EventConnection;
  readonly settings: ClientSettings;
  readonly intake: Intake;
  readonly name: string;
  readonly arguments: JsonObject;
  /** Modes in order of preference; the first is tried first, the others are for fallback. */
  readonly drivers: readonly DeliveryModeDriver[];
  /** Every mode that may be switched to. */
  readonly allDrivers: readonly DeliveryModeDriver[];
  readonly maxAgeMs: number | undefined;
  readonly maxEvents: number | undefined;
  /** Whether the server offers poll for the type, so that what is missing can be asked for. */
  readonly polls: boolean;
  /** Resolves when fewer than `count` items wait for the iterator. */
  readonly room: (count: number, signal: AbortSignal) => Promise<void>;
  readonly onChange: () => void;
  /** Stores what is committed. */
  readonly save: () => Promise<void>;
  /** Calls `fn` once when the connection is closed, at once when it is; the returned function takes it back. */
  readonly onConnectionClosed: (fn: () => void) => () => void;
}

type State = "connecting" | "live" | "reconnecting" | "ended";

/** Keeps one subscription delivered: opens, retries, falls back, changes mode, and ends. */
export class Session implements Delivery {
  readonly connection: EventConnection;
  readonly settings: ClientSettings;
  readonly intake: Intake;
  readonly maxEvents: number | undefined;
  readonly polls: boolean;
  readonly #stop = new AbortController();
  readonly #backoff: Backoff;
  readonly #reopening = new RecoverByReopening();
  #drivers: readonly DeliveryModeDriver[];
  #driver: DeliveryModeDriver;
  #run: AbortController | undefined;
  #wanted: DeliveryModeDriver | undefined;
  #state: State = "connecting";
  #everAnswered = false;
  #skipReason: GapReason = "restart";
  #error: Error | undefined;
  #asking: Promise<void> | undefined;
  #standing: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #loop: Promise<void> | undefined;
  #stopWatching: () => void = () => {};

  constructor(private readonly options: SessionOptions) {
    this.connection = options.connection;
    this.settings = options.settings;
    this.intake = options.intake;
    this.maxEvents = options.maxEvents;
    this.polls = options.polls;
    this.#drivers = options.drivers;
    this.#driver = options.drivers[0] as DeliveryModeDriver;
    this.#backoff = new Backoff(options.settings.backoff, options.settings.random);
  }

  get mode(): DeliveryMode {
    return this.#driver.mode;
  }

  get state(): State {
    return this.#state;
  }

  /** How delivery fares, where the mode tells (HOOK-14). */
  get deliveryStatus(): DeliveryStatus | undefined {
    return this.#driver.deliveryStatus;
  }

  /** Why it ended; `undefined` while it lives, and when it was stopped. */
  get error(): Error | undefined {
    return this.#error;
  }

  // ------------------------------------------------------------------ for the subscription

  /** Starts; resolves when the subscription stands, rejects when it cannot. */
  start(): Promise<void> {
    const standing = this.#untilStanding();
    this.#stopWatching = this.options.onConnectionClosed(this.#onClosed);
    this.#loop = this.#keepDelivering();
    return standing;
  }

  /** Goes on in another mode from where it is; resolves when that stands. */
  switchTo(mode: DeliveryMode): Promise<void> {
    if (this.#state === "ended") return Promise.reject(this.#error ?? closed());
    const driver = this.options.allDrivers.find((one) => one.mode === mode);
    if (driver === undefined) {
      const offered = this.options.allDrivers.map((one) => one.mode).join(", ");
      const message = `${mode} is not possible here; offered: ${offered}`;
      return Promise.reject(new EventsError("no_compatible_delivery_mode", message));
    }
    if (driver === (this.#wanted ?? this.#driver) && this.#state === "live") return Promise.resolve();
    this.#wanted = driver;
    this.#state = "reconnecting";
    const standing = this.#untilStanding();
    this.#run?.abort();
    return standing;
  }

  /** Asks the server for the position, from our own cursor, where that is possible (ORDERING rule 24). */
  askPosition(): void {
    if (this.#driver.askPosition?.() === true || this.#state !== "live") return;
    const polls = this.polls && this.intake.cursor !== null;
    if (!polls && this.#driver.refreshDue === undefined) return;
    // Without poll, a refresh tells how far everything is settled.
    const asking = () =>
      polls ? pollOnce(this, this.#stop.signal) : this.#driver.refreshDue!(Number.POSITIVE_INFINITY);
    this.#asking ??= asking()
      .then(
        () => {},
        (error: unknown) => this.settings.logger.debug("asking for the position failed", { error }),
      )
      .finally(() => {
        this.#asking = undefined;
      });
  }

  /** Refreshes what is due at `now`; never rejects: a failure is the loop's (HOOK-4). */
  async refreshDue(now: number): Promise<void> {
    await this.#driver.refreshDue?.(now);
  }

  /** Stops delivery; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#end(undefined);
    await this.#loop;
    await this.#asking;
  }

  // ------------------------------------------------------------------ for the drivers

  ask(): { params: JsonObject; asked: Asked } {
    const { name, arguments: args, maxAgeMs } = this.options;
    const { cursor } = this.intake;
    const params: JsonObject = { name, arguments: args, cursor };
    if (maxAgeMs !== undefined && !this.#everAnswered) params.maxAgeMs = maxAgeMs;
    return { params, asked: { cursor, skipReason: this.#skipReason } };
  }

  answered(): void {
    if (this.#state === "ended") return;
    this.#everAnswered = true;
    this.#skipReason = "restart";
    if (this.#wanted !== undefined) return;
    this.#state = "live";
    for (const { resolve } of this.#standing.splice(0)) resolve();
  }

  healthy(): void {
    this.#backoff.succeeded();
  }

  changed(): void {
    this.options.onChange();
  }

  room(count: number, signal: AbortSignal): Promise<void> {
    return this.options.room(count, signal);
  }

  stored(): Promise<void> {
    return this.options.save();
  }

  async recover(signal: AbortSignal): Promise<void> {
    if (this.polls) await recoverByPoll(this, signal);
    else this.#reopening.recover(this);
  }

  terminated(error: Error): void {
    const { consumer } = this.intake;
    while (consumer.missing !== undefined) consumer.giveUp();
    this.#end(error);
  }

  // ------------------------------------------------------------------ the loop

  async #keepDelivering(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const { abort, unlink } = linkedAbort(signal);
      this.#run = abort;
      const error = await this.#attempt(this.#driver, abort.signal);
      if (!abort.signal.aborted) await this.#afterAttempt(error, abort.signal);
      unlink();
      if (this.#wanted !== undefined) this.#takeWanted(this.#wanted);
    }
  }

  async #attempt(driver: DeliveryModeDriver, signal: AbortSignal): Promise<unknown> {
    try {
      await driver.run(this, signal);
      return undefined;
    } catch (error) {
      return error ?? new EventsError("transport_failed", "failed without a reason", { retryable: true });
    }
  }

  #takeWanted(driver: DeliveryModeDriver): void {
    this.#driver = driver;
    this.#drivers = [driver, ...this.#drivers.filter((one) => one !== driver)];
    this.#wanted = undefined;
    this.#backoff.succeeded();
  }

  /** Decides what follows an attempt that failed, or that the server ended gracefully (`error` undefined). */
  async #afterAttempt(error: unknown, signal: AbortSignal): Promise<void> {
    if (this.#state === "live") this.#state = "reconnecting";
    const kind = error === undefined ? "retry" : failureKind(error);
    this.settings.logger.debug("delivery stopped", { name: this.options.name, mode: this.mode, kind, error });
    if (kind === "end") {
      this.#end(error);
      return undefined;
    }
    if (kind === "overflow") return this.#overflowed(signal);
    const wait = this.#backoff.failed();
    const { failures } = this.#backoff;
    if (kind === "unusable") {
      if (!this.#fallBack(true)) this.#end(error);
      return undefined;
    }
    if (failures % this.settings.fallbackAfter === 0 && this.#fallBack(false)) return undefined;
    if (!this.#everAnswered && this.#isHopeless(error, failures)) {
      this.#end(
        error ?? new EventsError("stream_ended", "the server ends every stream", { retryable: true }),
      );
      return undefined;
    }
    return sleep(this.settings.clock, wait, signal);
  }

  /** Before the subscription ever stood, its caller waits for an answer: a limit is one, and so is repeated failure. */
  #isHopeless(error: unknown, failures: number): boolean {
    if (WireError.is(error) && error.error === "ResourceExhausted") return true;
    return failures >= this.settings.maxOpenAttempts;
  }

  /** The reader fell behind: read on from our own cursor once it has caught up. Without replay that is a gap. */
  async #overflowed(signal: AbortSignal): Promise<void> {
    this.#skipReason = "overflow";
    await this.room(1, signal);
  }

  /** Goes on in the next mode that is allowed; a mode that was refused outright is not tried again. */
  #fallBack(refused: boolean): boolean {
    const at = this.#drivers.indexOf(this.#driver);
    const next = this.#drivers[(at + 1) % this.#drivers.length];
    if (next === undefined || next === this.#driver) return false;
    this.settings.logger.warn("falling back to another mode", { from: this.mode, to: next.mode });
    if (refused) this.#drivers = this.#drivers.filter((one) => one !== this.#driver);
    this.#driver = next;
    return true;
  }

  #untilStanding(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#standing.push({ resolve, reject });
    });
  }

  readonly #onClosed = () => {
    this.#end(new EventsError("closed", "the MCP connection was closed"));
  };

  #end(error: unknown): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#error = error === undefined ? undefined : asError(error);
    this.#stopWatching();
    this.#stop.abort();
    for (const { reject } of this.#standing.splice(0)) reject(this.#error ?? closed());
    this.options.onChange();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function closed(): EventsError {
  return new EventsError("closed", "the subscription was closed");
}
