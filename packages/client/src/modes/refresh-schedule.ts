import { type Clock, MAX_TIMER_MS } from "@mcp-events/protocol";
import { Backoff } from "../backoff";

/** When a subscription without expiry is refreshed, in milliseconds: its cursor moves on, its status is told. */
const DAY_MS = 24 * 60 * 60_000;
/** Shortest wait between two refreshes, in milliseconds. */
const MIN_WAIT_MS = 1_000;
/** Times the shortest wait is doubled when grants keep being over as they come: the two clocks differ. */
const MAX_DOUBLINGS = 6;

/** What a {@link RefreshSchedule} needs of the client's settings. */
export interface RefreshSettings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: { readonly initialMs: number; readonly maxMs: number };
}

/** When a subscription is to be refreshed: after about two thirds of what the latest grant leaves (HOOK-4). */
export class RefreshSchedule {
  readonly #settings: RefreshSettings;
  readonly #backoff: Backoff;
  #dueAt = Number.POSITIVE_INFINITY;
  #expiresAt = Number.POSITIVE_INFINITY;
  #short = 0;
  #cancel: () => void = () => {};

  /** @param onDue - Called when a refresh is due; asked again after {@link granted} or {@link failed}. */
  constructor(
    settings: RefreshSettings,
    private readonly onDue: () => void,
  ) {
    this.#settings = settings;
    this.#backoff = new Backoff(settings.backoff, settings.random);
  }

  isDue(now: number): boolean {
    return now >= this.#dueAt;
  }

  /** Whether the latest grant is over by our clock. */
  isOver(now: number): boolean {
    return now >= this.#expiresAt;
  }

  /** A grant, in milliseconds since the epoch; `null`: no expiry. */
  granted(refreshBefore: number | null): void {
    const { clock, random } = this.#settings;
    this.#backoff.succeeded();
    this.#expiresAt = refreshBefore ?? Number.POSITIVE_INFINITY;
    const left = refreshBefore === null ? DAY_MS : refreshBefore - clock.now();
    const wait = left * (0.6 + 0.1 * random());
    this.#short = wait < MIN_WAIT_MS ? Math.min(this.#short + 1, MAX_DOUBLINGS) : 0;
    const floor = MIN_WAIT_MS * 2 ** Math.max(this.#short - 1, 0);
    this.#wait(Math.max(wait, floor));
  }

  /** A refresh failed: it is tried again, the last time as the grant ends. */
  failed(): void {
    const left = Math.max(this.#expiresAt - this.#settings.clock.now(), MIN_WAIT_MS);
    this.#wait(Math.min(this.#backoff.failed(), left));
  }

  stop(): void {
    this.#cancel();
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #wait(ms: number): void {
    this.#dueAt = this.#settings.clock.now() + ms;
    this.#arm();
  }

  /** One timer holds no more than MAX_TIMER_MS: it is armed again until the time has come. */
  #arm(): void {
    const { clock } = this.#settings;
    this.#cancel();
    this.#cancel = clock.after(Math.min(this.#dueAt - clock.now(), MAX_TIMER_MS), () => {
      if (this.isDue(clock.now())) this.onDue();
      else this.#arm();
    });
  }
}
