/** An event of a view on its way to a receiver, or a gap that stands for one. */
export interface LaneEntry<T> {
  readonly item: T;
  readonly seq: number;
  readonly prev: number;
  /** Its ordering key; those without one share a lane. */
  readonly key?: string | undefined;
  /** Told to all lanes: posted when everything before it is settled, and nothing after it before it is. */
  readonly barrier?: boolean | undefined;
  /** A gap from the beginning, or given up by an earlier owner. */
  readonly gap?: boolean | undefined;
}

/** One entry while it is not settled. */
export interface Outgoing<T> extends LaneEntry<T> {
  /**
   * With guarantee `key`: number of the preceding entry of its key, or without a key of those without one, beyond the
   * watermark, else of the last event within it, as of when it was pushed. A view forgets keys and then says a greater
   * number, which would let it overtake its own key.
   */
  readonly keyPrev: number | undefined;
  /** Whether its place is taken by a gap. */
  readonly gap: boolean;
  /** Attempts that counted, since it became what it is or delivery went on. */
  readonly attempts: number;
  /** When the first attempt left, in milliseconds; `undefined` before. */
  readonly firstAttemptAt: number | undefined;
  /**
   * Whether, when it was last taken within a window, something was not settled that the receiver has to have before it:
   * in its lane, or, for one without a key, anywhere: a receiver may look only at the keys (ORDERING rule 11).
   */
  readonly behind: boolean;
}
