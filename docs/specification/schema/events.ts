// MCP Events (io.modelcontextprotocol/events), as read by this implementation
// Generated from the zod schemas of packages/protocol by tooling/src/specification/write.ts.

/**
 * A webhook body that is not an event (HOOK-11).
 */
export type ControlEnvelope =
  | {
      type: "gap";
      cursor?: string | null;
      _meta?: {
        [k: string]: unknown;
      };
    }
  | {
      type: "terminated";
      error: {
        code: number;
        message: string;
        data?: {
          [k: string]: unknown;
        };
      };
      _meta?: {
        [k: string]: unknown;
      };
    }
  | {
      type: "verification";
      challenge: string;
      _meta?: {
        [k: string]: unknown;
      };
    };

/**
 * Parameters of `events/list` (LIST-1).
 */
export interface ListParams {
  cursor?: string | null;
}
/**
 * Result of `events/list` (LIST-1).
 */
export interface ListResult {
  events: EventDescriptor[];
  nextCursor?: string | null;
}
/**
 * One event type as `events/list` shows it (LIST-2).
 */
export interface EventDescriptor {
  name: string;
  description?: string;
  delivery: ("poll" | "push" | "webhook")[];
  inputSchema: {
    [k: string]: unknown;
  };
  payloadSchema: {
    [k: string]: unknown;
  };
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * One event as every mode carries it (OCC-1). `cursor` is absent in poll results and `null` without replay.
 */
export interface Occurrence {
  eventId: string;
  name: string;
  timestamp: string;
  data: {
    [k: string]: unknown;
  };
  cursor?: string | null;
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * Parameters of `events/poll` (POLL-1, POLL-7).
 */
export interface PollParams {
  name: string;
  arguments?: {
    [k: string]: unknown;
  };
  cursor?: string | null;
  maxAgeMs?: number | null;
  maxEvents?: number | null;
  timeoutMs?: number | null;
}
/**
 * Result of `events/poll` (POLL-1).
 */
export interface PollResult {
  events?: Occurrence[];
  cursor?: string | null;
  truncated?: boolean;
  hasMore?: boolean;
  nextPollMs?: number;
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * Parameters of `events/stream` (PUSH-1).
 */
export interface StreamParams {
  name: string;
  arguments?: {
    [k: string]: unknown;
  };
  cursor?: string | null;
  maxAgeMs?: number | null;
}
/**
 * The final result of `events/stream` (PUSH-7).
 */
export interface StreamResult {
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * Parameters of `notifications/events/active` (PUSH-2, PUSH-6).
 */
export interface Active {
  cursor?: string | null;
  truncated?: boolean;
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * Parameters of `notifications/events/heartbeat` (PUSH-4).
 */
export interface Heartbeat {
  cursor?: string | null;
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * Parameters of `notifications/events/error` and `notifications/events/terminated` (PUSH-5).
 */
export interface StreamError {
  error: {
    code: number;
    message: string;
    data?: {
      [k: string]: unknown;
    };
  };
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * Parameters of `events/subscribe` (HOOK-1). `ttlMs` absent = server default, `null` = no expiry (HOOK-6).
 */
export interface SubscribeParams {
  name: string;
  arguments?: {
    [k: string]: unknown;
  };
  delivery: {
    mode: "webhook";
    url: string;
    secret: string;
  };
  cursor?: string | null;
  maxAgeMs?: number | null;
  ttlMs?: number | null;
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * Result of `events/subscribe` (HOOK-1).
 */
export interface SubscribeResult {
  id: string;
  refreshBefore: string | null;
  cursor?: string | null;
  truncated?: boolean;
  deliveryStatus?: DeliveryStatus;
  _meta?: {
    [k: string]: unknown;
  };
}
/**
 * How deliveries of a webhook subscription fare (HOOK-14).
 */
export interface DeliveryStatus {
  active: boolean;
  lastDeliveryAt?: string | null;
  lastError?:
    ("connection_refused" | "timeout" | "tls_error" | "http_4xx" | "http_5xx" | "challenge_failed") | null;
  failedSince?: string | null;
  throttled?: boolean;
  retryAfterMs?: number;
}
/**
 * Parameters of `events/unsubscribe` (HOOK-17).
 */
export interface UnsubscribeParams {
  name: string;
  arguments?: {
    [k: string]: unknown;
  };
  delivery: {
    url: string;
  };
}
