import type { DeliveryMode } from "@mcp-events/protocol";
import type { SdkLine } from "./clients/connect";

/** What a run does the same way whatever the flags. */
export const RUN = {
  /** Event types that every client subscribes to: those with most recordings. */
  subscribedTypes: 12,
  /** Share of replays that are of the types subscribed to; the others lie between them in the log. */
  replaysSubscribed: 0.75,
  /** Deliveries a second. */
  perSecond: 150,
  /** Deliveries under way at once. */
  concurrency: 4,
  /** Share of deliveries that are delivered twice. */
  redelivered: 0.02,
  /** Share of deliveries before which a forged one is posted. */
  forged: 0.01,
  /** Longest silence of a push stream, in milliseconds: how soon a quiet type lets others pass in a merged line. */
  heartbeatMs: 100,
  /** A stream silent for twice this is taken for dead, and a request is given up after it; in milliseconds. */
  patienceMs: 1_500,
  /** How often clients poll, in milliseconds. */
  pollMs: 200,
  /** How long a merged line waits before it asks for a quiet type's position, in milliseconds. */
  mergeWaitMs: 1_000,
  /** The same for webhooks, which have no heartbeat. */
  webhookMergeWaitMs: 250,
  /** Deliveries that the receiver of one path puts in order. */
  webhookWindow: 16,
  /** How the server posts webhooks; patient, since here nothing may be given up. */
  webhooks: { firstRetryMs: 100, retryFactor: 1.5, maxAttempts: 50, suspendMinAttempts: 1_000_000 },
  /** A path that has handled nothing new for this long after the last delivery is not waited for. In milliseconds. */
  settleMs: 20_000,
  /** How long after the last expected event is listened for duplicates, in milliseconds. */
  quietMs: 500,
  retention: { maxEntries: 50_000, maxBytes: 512 * 1024 * 1024 },
} as const;

/**
 * After this time a run is given up, in milliseconds: many times what it takes, for machines that are busy.
 *
 * @param kills - How often a client has to start again.
 */
export function deadlineMs(events: number, kills: number): number {
  return 60_000 + events * 60 + kills * 15_000;
}

/** One way from the emitter to a handler. */
export interface PathPlan {
  readonly id: string;
  readonly label: string;
  readonly sdk: SdkLine;
  readonly over: "stdio" | "http";
  readonly mode: DeliveryMode;
  readonly killed: boolean;
  /** Webhooks: how many deliveries its receiver puts in order; 0: none, it relies on the sender. */
  readonly window?: number;
}

/** The ways of a run; the first client is the server's parent. */
export const PATHS: readonly PathPlan[] = [
  { id: "stdio-push", label: "stdio push", sdk: "v1", over: "stdio", mode: "push", killed: false },
  { id: "http-push", label: "HTTP push", sdk: "v1", over: "http", mode: "push", killed: false },
  { id: "http-poll", label: "HTTP poll", sdk: "v2", over: "http", mode: "poll", killed: false },
  { id: "http-killed", label: "HTTP push (killed)", sdk: "v2", over: "http", mode: "push", killed: true },
  {
    id: "webhook-fifo",
    label: "webhook (FIFO)",
    sdk: "v1",
    over: "http",
    mode: "webhook",
    killed: false,
    window: 0,
  },
  {
    id: "webhook-window",
    label: "webhook (window)",
    sdk: "v2",
    over: "http",
    mode: "webhook",
    killed: false,
    window: RUN.webhookWindow,
  },
];
