import {
  createEventClient,
  type EventClient,
  type EventClientOptions,
  type SubscribeOptions,
  type Subscription,
} from "@mcp-events/client";
import { filePositions } from "@mcp-events/client/node";
import type { Server } from "./connect/server";
import type { Context } from "./context";
import type { Selection } from "./options/event-arguments";
import { stderrLogger } from "./stderr-logger";

/** What the command line says of the event client. */
export interface EventsOptions {
  /** File of positions. */
  readonly position?: string | undefined;
  readonly verbose?: boolean | undefined;
  /** Shortest wait between two polls, in milliseconds. */
  readonly pollEvery?: number | undefined;
}

/** Makes the server's event client, and closes it after the work. */
export async function withEvents<T>(
  context: Context,
  server: Server,
  { position, verbose = false, pollEvery, ...more }: EventsOptions & Pick<EventClientOptions, "transports">,
  work: (events: EventClient) => Promise<T>,
): Promise<T> {
  const events = createEventClient(server.connection, {
    server: server.info?.name,
    positions: position === undefined ? undefined : filePositions(position),
    minPollMs: pollEvery,
    logger: stderrLogger(context.out, verbose),
    ...more,
  });
  try {
    return await work(events);
  } finally {
    await events.close();
  }
}

/**
 * Subscribes; gives up when the context's signal aborts before it stands. Afterwards the signal leaves it alone, so that
 * what is being written can still be committed.
 */
export async function open(
  events: EventClient,
  { name, arguments: args }: Selection,
  options: SubscribeOptions,
  signal: AbortSignal,
): Promise<Subscription> {
  const opening = new AbortController();
  const onAbort = () => opening.abort();
  signal.throwIfAborted();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await events.subscribe(name, args, { ...options, commit: "explicit", signal: opening.signal });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
