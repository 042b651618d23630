import type { EventConnection, EventHost } from "@mcp-events/protocol";

/** A server and a client connected by the transport under test. Each case starts one of its own. */
export interface TransportUnderTest {
  /** The server's side. Handlers may be set after connecting; for a server built for each request see `sharedHost`. */
  readonly host: EventHost;
  /** The client's side, connected. */
  readonly connection: EventConnection;
  /** Breaks the connection without a word, as a pulled cable or a killed process does. */
  cut?(): void;
  /** Stops the client from reading; the returned function lets it go on. */
  stall?(): () => void;
  /** Speaks the transport by hand: opens a stream whose request id is 0, then cancels it as this transport does. */
  openWithIdZero?(params: Record<string, unknown>): Promise<{ cancel(): Promise<void> | void }>;
  /** What the transport and the SDK under it hold for streams: listeners, map entries, timers. 0 when all are over. */
  held?(): number;
  /** Closes both sides. */
  close(): Promise<void>;
}

/** What a case needs beside a connection; a transport that cannot give it names the reason in `skips`. */
export type Need = "cut" | "stall" | "openWithIdZero" | "held";

/** One behaviour that every transport has. */
export interface TransportCase {
  /** Stable; the key of `skips`. */
  readonly id: string;
  readonly title: string;
  readonly needs: readonly Need[];
  run(transport: TransportUnderTest, size: SuiteSize): Promise<void>;
}

/** How much a run does. */
export interface SuiteSize {
  /** Streams opened and dropped by the case `many-streams`. */
  readonly streams: number;
}
