// Ordering extension of MCP Events (dev.mcp-events/ordering), version 1
// Generated from the zod schemas of packages/protocol by tooling/src/specification/write.ts.

/**
 * Ordering data of one occurrence, or of a gap that stands for one.
 */
export interface OrderingMark {
  /**
   * Name of the log.
   */
  log: string;
  /**
   * The log's epoch.
   */
  epoch: number;
  /**
   * The event's number in the log.
   */
  seq: number;
  /**
   * The number of the view's preceding event, or the point where this reader began if that is later.
   */
  prev: number;
  /**
   * Equal for equal ordering keys, and opaque. Absent for an event without a key.
   */
  key?: string;
  /**
   * The number of the key's preceding event after `settled`, else `settled`.
   */
  keyPrev?: number;
  /**
   * Webhook: number of the last event of the view within the watermark when this was posted.
   */
  settled?: number;
  /**
   * The older epoch that this one goes on from without loss.
   */
  continues?: number;
  /**
   * `eventId` of the dead letter that this entry sends again.
   */
  redriveOf?: string;
}
/**
 * A position: everything of the view at or before `through` was handed out before this message.
 */
export interface OrderingPosition {
  log: string;
  epoch: number;
  through: number;
}
/**
 * `_meta` of an event descriptor.
 */
export interface OrderingDescriptor {
  log: string;
  guarantee: "subscription" | "key";
}
/**
 * What a receiver that can resequence offers on `events/subscribe`, and what the result grants.
 */
export interface ResequenceOffer {
  resequence: {
    window: number;
    holdMs: number;
  };
}
