/**
 * Interval of the SDKs' SSE comments, in milliseconds. Event streams have heartbeats of their own and need none; this
 * one keeps other idle streams open with clients that give up after five minutes.
 */
export const KEEP_ALIVE_MS = 120_000;
