import type { ReadItem } from "@mcp-events/ordering";
import type { DeliveryError } from "@mcp-events/protocol";
import type { SafeObserver } from "../observer";
import type { Subscription } from "./subscription";

/** Tells an observer what happens to one subscription. */
export class SubscriptionObserver {
  readonly #who: {
    readonly mode: Subscription["mode"];
    readonly principal: string | null;
    readonly name: string;
  };
  readonly #log: string;

  constructor(
    private readonly observer: SafeObserver,
    { mode, principal, type }: Subscription,
  ) {
    this.#who = { mode, principal, name: type.name };
    this.#log = type.logName;
  }

  /** Events were handed to a transport; gaps among the items do not count. */
  send(items: readonly ReadItem[], epoch: number): void {
    if (!this.observer.watchesSend) return;
    for (const { kind, entry } of items) {
      if (kind === "gap") continue;
      const { name, eventId, seq } = entry;
      this.observer.send({ log: this.#log, name, eventId, epoch, seq }, this.#who);
    }
  }

  /** Everything up to `through` was taken. */
  acknowledge(epoch: number, through: number): void {
    this.observer.acknowledge({ log: this.#log, epoch, through }, this.#who);
  }

  /** The subscription was told that events are missing. */
  gap(epoch: number, through: number, reason: "truncated" | "given_up" | "upstream"): void {
    this.observer.gap({ log: this.#log, epoch, through, reason }, this.#who);
  }

  /** An attempt failed and is made again. */
  retry(epoch: number, seq: number, attempt: number, error: DeliveryError): void {
    this.observer.retry({ log: this.#log, epoch, seq, attempt, error }, this.#who);
  }

  /** An event was given up, and its dead letter is written. */
  deadLetter(epoch: number, { name, eventId, seq }: ReadItem["entry"], id: string): void {
    this.observer.deadLetter({ log: this.#log, name, eventId, epoch, seq, id }, this.#who);
  }
}
