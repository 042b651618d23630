import type { DeliveryMode, DeliveryStatus, EventConnection, JsonObject } from "@mcp-events/protocol";
import type { Asked, Intake } from "../intake";
import type { ClientSettings } from "../options";

/** What a subscription gives the driver of a delivery mode. */
export interface Delivery {
  readonly connection: EventConnection;
  readonly settings: ClientSettings;
  readonly intake: Intake;
  /** Most events a poll asks for. */
  readonly maxEvents: number | undefined;
  /** Whether the server offers poll for the type. */
  readonly polls: boolean;
  /** What the next request asks: its parameters, and how its answer is to be read. */
  ask(): { readonly params: JsonObject; readonly asked: Asked };
  /** The first answer came: the subscription stands. */
  answered(): void;
  /** Delivery works: retries begin anew. */
  healthy(): void;
  /** Something may be ready to be handed out, or to be stored. */
  changed(): void;
  /** Resolves when fewer than `count` items wait for the iterator, or on abort. */
  room(count: number, signal: AbortSignal): Promise<void>;
  /** Resolves when everything committed before the call is stored. Throws EventsError `position_store_failed`. */
  stored(): Promise<void>;
  /** Fetches what is missing before what is held, or reports it as a gap (ORDERING rule 19). */
  recover(signal: AbortSignal): Promise<void>;
  /** The server ended the subscription. */
  terminated(error: Error): void;
}

/** Brings a subscription's events to its intake in one delivery mode. A new mode is a new driver and nothing else. */
export interface DeliveryModeDriver {
  readonly mode: DeliveryMode;
  /**
   * Delivers until `signal` aborts (then it resolves), the server ends delivery (resolves), or an attempt fails.
   * It goes on from where the intake stands each time it is called.
   *
   * @throws WireError or EventsError: what went wrong; the caller decides whether to try again.
   */
  run(delivery: Delivery, signal: AbortSignal): Promise<void>;
  /** Asks the server for the position now, where the mode can; false when it cannot. */
  askPosition?(): boolean;
  /** Asks the server to go on delivering where that is due at `now`; resolves when it answered (HOOK-4). */
  refreshDue?(now: number): Promise<void>;
  /** How delivery fares, as the server said last (HOOK-14). */
  readonly deliveryStatus?: DeliveryStatus | undefined;
}
