import { EventsError, WireError } from "@mcp-events/protocol";

/**
 * What a failed attempt means: `end` the subscription, this mode is `unusable`, try again (`retry`), or the reader fell
 * behind (`overflow`).
 */
export type FailureKind = "end" | "unusable" | "retry" | "overflow";

const METHOD_NOT_FOUND = -32601;

/** Reads what a driver threw. */
export function failureKind(error: unknown): FailureKind {
  if (WireError.is(error)) return wireFailure(error);
  if (!EventsError.is(error)) return "retry";
  if (error.code === "stream_overflow") return "overflow";
  return error.retryable ? "retry" : "end";
}

function wireFailure(error: WireError): FailureKind {
  if (error.error === "Unsupported" && error.data?.feature === "deliveryMode") return "unusable";
  // What the server cannot reach, it may serve in another mode.
  if (error.error === "CallbackEndpointError") return "unusable";
  if (error.data?.code === METHOD_NOT_FOUND) return "unusable";
  return error.retryable ? "retry" : "end";
}
