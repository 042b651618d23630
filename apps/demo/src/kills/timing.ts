/** Short waits, so that a run of kills takes seconds. In milliseconds where nothing else is said. */
export const TIMING = {
  /** Longest silence of a push stream. */
  heartbeatMs: 200,
  /** What clients expect; a stream is dead after twice that. */
  expectedHeartbeatMs: 400,
  minPollMs: 10,
  nextPollMs: 20,
  /** How long a poll may wait at the server, so that kills meet polls that are held. */
  longPollMs: 150,
  requestMs: 1_000,
  backoff: { initialMs: 10, maxMs: 100 },
  /** Lifetime of webhook subscriptions; a client notices that the server forgot it when it refreshes. */
  ttlMs: 1_500,
  /** The same of a subscriber without an event client, which refreshes more often than it has to. */
  subscriberTtlMs: 10_000,
  /** How often a subscriber without an event client refreshes. */
  refreshMs: 300,
  webhookRetryMs: 60,
  webhookAttempts: 100,
  webhookTimeoutMs: 1_000,
  answerWithinMs: 800,
  holdMs: 200,
  /** Time between two ticks. */
  tickMs: 100,
  /** Least and greatest time that a handler takes. */
  handlerMs: [0, 4],
  /** Least and greatest time between two emits. */
  emitMs: [0, 12],
  /** Wait before connecting or calling again. */
  reconnectMs: 20,
  /** How often a record is looked at. */
  lookMs: 20,
} as const;
