import { WireError } from "@mcp-events/protocol";
import type { ResolvedOptions } from "../options";

/** Counts living subscriptions, of all callers and of each (AUTH-3). */
export class SubscriptionLimiter {
  #total = 0;
  readonly #byPrincipal = new Map<string | null, number>();

  constructor(private readonly limits: ResolvedOptions["limits"]) {}

  /**
   * Takes a place.
   *
   * @param principal - Anonymous callers (`null`) share one count of their own.
   * @returns gives the place back; idempotent.
   * @throws WireError `ResourceExhausted` with `{limit, max}`.
   */
  reserve(principal: string | null): () => void {
    const limit = principal === null ? "anonymousSubscriptions" : "subscriptionsPerPrincipal";
    const mine = this.#byPrincipal.get(principal) ?? 0;
    if (mine >= this.limits[limit]) throw exhausted(limit, this.limits[limit]);
    if (this.#total >= this.limits.subscriptions) {
      throw exhausted("subscriptions", this.limits.subscriptions);
    }
    this.#total += 1;
    this.#byPrincipal.set(principal, mine + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#release(principal);
    };
  }

  #release(principal: string | null): void {
    this.#total -= 1;
    const left = this.#byPrincipal.get(principal)! - 1;
    if (left > 0) this.#byPrincipal.set(principal, left);
    else this.#byPrincipal.delete(principal);
  }
}

function exhausted(limit: string, max: number): WireError {
  return new WireError("ResourceExhausted", `Too many subscriptions (${limit}: ${max})`, { limit, max });
}
