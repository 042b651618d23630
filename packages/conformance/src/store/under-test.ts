import type { LogStore, PositionStore, WebhookStore } from "@mcp-events/ordering";

/** How a case wants the store: bounds that it is to keep to. Absent ones are the store's own, large enough for any case. */
export interface StoreBounds {
  readonly maxEntries?: number | undefined;
  readonly maxAgeMs?: number | undefined;
  readonly maxDeadLetters?: number | undefined;
}

/** A fresh and empty store. Each case starts one of its own. */
export interface StoreUnderTest {
  readonly store: LogStore & { readonly webhooks: WebhookStore };
  /** Where a client's positions are kept, when the package has that too. */
  readonly positions?: PositionStore | undefined;
  /** Lets so much time pass for the store, in milliseconds: moves the clock that it was given, or waits. */
  pass(ms: number): Promise<void> | void;
  /** Ends the store without a word, as a killed process does, and opens what it left, with the same bounds. */
  reopen?(): Promise<Reopened>;
  /** Another process's view of the same data, while the first one goes on. */
  another?(): Promise<StoreUnderTest["store"]>;
  /** Closes everything that was opened, and removes what is left. */
  close(): Promise<void>;
}

/** A store that was opened again. */
export type Reopened = Pick<StoreUnderTest, "store" | "positions">;

/** What a case needs beside a store; one that cannot give it names the reason in `skips`. */
export type StoreNeed = "positions" | "reopen" | "another";

/** One behaviour that every store has. */
export interface StoreCase {
  /** Stable; the key of `skips`. */
  readonly id: string;
  readonly title: string;
  readonly needs: readonly StoreNeed[];
  readonly bounds?: StoreBounds | undefined;
  run(given: StoreUnderTest): Promise<void>;
}
