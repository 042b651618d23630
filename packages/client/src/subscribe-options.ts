import { type DeliveryMode, EventsError } from "@mcp-events/protocol";

/** Options of `subscribe`. */
export interface SubscribeOptions {
  /** The mode to use, or modes in order of preference; default: push, then poll, then webhook. Only these are used. */
  readonly delivery?: DeliveryMode | readonly DeliveryMode[] | undefined;
  /** Names the stored position, to tell apart subscriptions to the same type with the same arguments. */
  readonly id?: string | undefined;
  /** Where to begin when no position is stored; default: from now. */
  readonly cursor?: string | undefined;
  /** Replay at the start goes back no further than this, in milliseconds; what is older is a gap (CUR-5). */
  readonly maxAgeMs?: number | undefined;
  /** Most events of one poll; default: the server's own. */
  readonly maxEvents?: number | undefined;
  /** Closes the subscription when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** `report`: gaps are items in line (default). `stop`: the iterator throws EventsError `gap` (its `cause` is the gap) and the subscription ends. */
  readonly onGap?: "report" | "stop" | undefined;
  /** `auto`: pulling the next item commits the one before (default). `explicit`: only `commit` does. */
  readonly commit?: "auto" | "explicit" | undefined;
  /** Whether another of the allowed modes is tried when one keeps failing; default true. */
  readonly fallback?: boolean | undefined;
}

/** @throws EventsError `option_invalid` naming the field. */
export function requireSubscribeOptions({ maxAgeMs, maxEvents }: SubscribeOptions): void {
  if (maxAgeMs !== undefined && !(Number.isSafeInteger(maxAgeMs) && maxAgeMs >= 0)) {
    throw new EventsError(
      "option_invalid",
      `maxAgeMs must be a whole number of milliseconds, not ${maxAgeMs}`,
    );
  }
  if (maxEvents !== undefined && !(Number.isSafeInteger(maxEvents) && maxEvents > 0)) {
    throw new EventsError("option_invalid", `maxEvents must be a positive integer, not ${maxEvents}`);
  }
}

const PREFERENCE: readonly DeliveryMode[] = ["push", "poll", "webhook"];

/**
 * The modes to use, in order.
 *
 * @param offered - What the server offers; `undefined` when it does not list the type: then it is left to it to refuse.
 * @param possible - What this client can do.
 * @throws EventsError `no_compatible_delivery_mode` listing what is offered.
 */
export function chooseModes(
  name: string,
  wanted: SubscribeOptions["delivery"],
  offered: readonly DeliveryMode[] | undefined,
  possible: readonly DeliveryMode[],
): DeliveryMode[] {
  const preference = wanted === undefined ? PREFERENCE : [wanted].flat();
  const modes = [...new Set(preference)].filter(
    (mode) => possible.includes(mode) && (offered === undefined || offered.includes(mode)),
  );
  if (modes.length > 0) return modes;
  const message = `"${name}" is offered by ${offered?.join(", ") || "no known mode"}; asked for: ${preference.join(", ")}; possible here: ${possible.join(", ")}`;
  throw new EventsError("no_compatible_delivery_mode", message);
}
