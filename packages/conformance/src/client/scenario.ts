/** What the client under test is asked to do: subscribe to one event type of the scripted server. */
export interface ClientScenario {
  /** The scripted server's MCP endpoint, Streamable HTTP. */
  readonly url: string;
  /** The event type; it takes no arguments. */
  readonly type: string;
  /** The mode the type offers. */
  readonly mode: "push" | "poll";
}

/** What the application behind the client saw: an event, a gap, or the end. */
export type Seen = { readonly eventId: string } | { readonly type: "gap" | "terminated" };

/** A client that runs a scenario. */
export interface RunningClient {
  /** What its application saw so far, in order. */
  seen(): readonly Seen[];
  /** Ends it. */
  stop(): Promise<void>;
}

/** Starts the client under test for one scenario. */
export type ClientDriver = (scenario: ClientScenario) => RunningClient | Promise<RunningClient>;
