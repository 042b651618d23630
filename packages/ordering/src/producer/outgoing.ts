/** An event of a view on its way to a receiver, or a gap that stands for one. */
export interface LaneEntry<T> {
  readonly item: T;
  readonly seq: number;
  readonly prev: number;
  readonly keyPrev?: number | undefined;
  /** Its ordering key; those without one share a lane. */
  readonly key?: string | undefined;
  /** Told to all lanes: posted when everything before it is settled, and nothing after it before it is. */
  readonly barrier?: boolean | undefined;
  /** A gap from the beginning, or given up by an earlier owner. */
  readonly gap?: boolean | undefined;
}

/** One entry while it is not settled. */
export interface Outgoing<T> extends LaneEntry<T> {
  /** Whether its place is taken by a gap. */
  readonly gap: boolean;
  /** Attempts that counted, since it became what it is or delivery went on. */
  readonly attempts: number;
  /** When the first attempt left, in milliseconds; `undefined` before. */
  readonly firstAttemptAt: number | undefined;
  /**
   * Whether, when it was last taken, something was not settled that the receiver has to have before it: within a window
   * what is before it in its lane, or what `keyPrev` (without one: `prev`) names (ORDERING rule 11).
   */
  readonly behind: boolean;
}
