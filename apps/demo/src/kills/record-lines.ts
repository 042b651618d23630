/** What is written down of one call of `emit`, in the order of the calls: before it, and again once it was acknowledged. */
export interface EmitLine {
  readonly eventId: string;
  /** Where the log put it; absent before it was acknowledged. */
  readonly acknowledged?: Place | undefined;
}

/** A place in the log. */
export interface Place {
  readonly epoch: number;
  readonly seq: number;
}

/** The consumer's process began; what was handled and not committed before may come again. */
export interface StartedLine {
  readonly kind: "started";
}

/** An event, written down by the handler before it is committed. */
export interface EventLine extends Place {
  readonly kind: "event";
  readonly eventId: string;
  /** Number of a tick; other events have none. */
  readonly n?: number | undefined;
}

/** A gap, written down by the handler before it is committed: what is missing lies at or before `to`. */
export interface GapLine {
  readonly kind: "gap";
  readonly reason: string;
  readonly to?: Place | undefined;
}

/** One line of the consumer's durable record. */
export type ConsumerLine = StartedLine | EventLine | GapLine;
