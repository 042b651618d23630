import type { WireError } from "@mcp-events/protocol";
import type { Subscription } from "./subscription";

/** Why a subscription ends, and what goes out before. */
export interface Ending {
  /** Sent as `terminated`; absent when the server closes. */
  readonly error?: WireError | undefined;
  /** Events up to this number are delivered first; absent when nothing more may go out. */
  readonly through?: number | undefined;
  /** Everything was emitted: one that has not begun yet still begins, and gets it. */
  readonly finished?: true | undefined;
}

/** A subscription that lives on the server: what has to be asked about again, and can be ended. */
export interface LivingSubscription {
  readonly subscription: Subscription;
  /** Whether delivery begins or has begun; one that waits asks by itself, when it does, whether it is finished. */
  readonly begun: boolean;
  /** Aborts when it is over. */
  readonly gone: AbortSignal;
  /** Ends it. */
  end(ending: Ending): void;
}
