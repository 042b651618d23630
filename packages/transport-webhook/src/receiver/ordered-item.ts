import type { GapReason, Release } from "@mcp-events/ordering";
import { isJsonObject, type Occurrence, type WireErrorObject } from "@mcp-events/protocol";

/** A place in a log. */
export interface OrderedPosition {
  readonly log: string;
  readonly epoch: number;
  readonly seq: number;
}

/** An event in its place. */
export interface OrderedEvent {
  readonly kind: "event";
  readonly event: Occurrence;
  /** Absent for servers without the ordering extension. */
  readonly position?: OrderedPosition | undefined;
}

/** Events that are missing, in their place (ORD-2). */
export interface OrderedGap {
  readonly kind: "gap";
  readonly reason: GapReason;
  /** What is missing lies after it; absent when unknown. */
  readonly from?: OrderedPosition | undefined;
  /** What is missing lies at or before it; absent when unknown. */
  readonly to?: OrderedPosition | undefined;
}

/** The server ended the subscription; nothing comes after it. */
export interface OrderedEnd {
  readonly kind: "terminated";
  readonly error: WireErrorObject;
}

/** What an ordered handler is given. */
export type OrderedItem = OrderedEvent | OrderedGap | OrderedEnd;

/** A release of the consumer as the handler sees it. */
export function itemOf(release: Release<Occurrence>): OrderedItem {
  const { log, epoch } = release;
  if (release.kind === "event") {
    return { kind: "event", event: release.item, position: { log, epoch, seq: release.seq } };
  }
  const { reason, from, to } = release;
  const start = from === undefined ? {} : { from: { log, epoch, seq: from } };
  return { kind: "gap", reason, ...start, to: { log, epoch, seq: to } };
}

/** The error of a `terminated` envelope; one that cannot be read has an error of its own. */
export function endOf(error: unknown): OrderedEnd {
  const given = isJsonObject(error) ? error : {};
  const code = typeof given.code === "number" ? given.code : 0;
  const message = typeof given.message === "string" ? given.message : "the subscription was terminated";
  return {
    kind: "terminated",
    error: isJsonObject(given.data) ? { code, message, data: given.data } : { code, message },
  };
}
