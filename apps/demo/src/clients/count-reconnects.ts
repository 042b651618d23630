import type { EventConnection } from "@mcp-events/protocol";

/** How often a connection had to be asked again. */
export interface ConnectionTally {
  /** Streams opened, the first of each subscription included. */
  streams: number;
  /** Requests that failed: a poll whose answer never came. */
  failedRequests: number;
}

export function emptyConnectionTally(): ConnectionTally {
  return { streams: 0, failedRequests: 0 };
}

/**
 * The same connection, with its streams and failed requests counted.
 *
 * @param timeoutMs - How long a request may take that says nothing of it; the SDKs' own 60,000 ms would make one lost
 * answer to a poll a minute's silence.
 */
export function counted(
  connection: EventConnection,
  tally: ConnectionTally,
  timeoutMs: number,
): EventConnection {
  return {
    closed: connection.closed,
    serverCapabilities: () => connection.serverCapabilities(),
    onNotification: (method, fn) => connection.onNotification(method, fn),
    openStream(params, options) {
      tally.streams += 1;
      return connection.openStream(params, options);
    },
    async request(method, params, options) {
      try {
        return await connection.request(method, params, { timeoutMs, ...options });
      } catch (error) {
        if (options?.signal?.aborted !== true) tally.failedRequests += 1;
        throw error;
      }
    },
  };
}
