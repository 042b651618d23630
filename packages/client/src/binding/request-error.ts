import { EventsError, isJsonObject, WireError } from "@mcp-events/protocol";

/** v1's client puts this before the message of every error response. */
const V1_PREFIX = /^MCP error -?\d+: /;
/** Codes that v1's client gives to errors of its own, in the class it also uses for error responses. */
const V1_CLOSED = -32000;
const V1_TIMED_OUT = -32001;
/** Codes of v2's client for a result that does not fit the revision: the same request will not do better. */
const V2_INVALID = new Set([
  "INVALID_RESULT",
  "UNSUPPORTED_RESULT_TYPE",
  "METHOD_NOT_SUPPORTED_BY_PROTOCOL_VERSION",
]);

/** Reads what an SDK's `request` rejected with: an error response becomes a WireError, anything local an EventsError. */
export function requestError(error: unknown): WireError | EventsError {
  if (WireError.is(error) || EventsError.is(error)) return error;
  const { code, data } = isErrorLike(error) ? error : { code: undefined, data: undefined };
  const message = error instanceof Error ? error.message.replace(V1_PREFIX, "") : String(error);
  if (code === "REQUEST_TIMEOUT" || isV1Local(error, code, V1_TIMED_OUT, "Request timed out")) {
    return new EventsError("timed_out", message, { cause: error, retryable: true });
  }
  if (isV1Local(error, code, V1_CLOSED, "Connection closed")) return failed(message, error, true);
  if (typeof code === "number" && Number.isSafeInteger(code) && code <= V1_CLOSED) {
    return WireError.fromWire({ code, message, data });
  }
  if (typeof code === "string" && V2_INVALID.has(code)) return failed(message, error, false);
  return failed(message, error, isRetryableStatus(httpStatus(code, data)));
}

function failed(message: string, cause: unknown, retryable: boolean): EventsError {
  return new EventsError("transport_failed", message, { cause, retryable });
}

function isV1Local(error: unknown, code: unknown, local: number, text: string): boolean {
  return code === local && error instanceof Error && error.message === `MCP error ${local}: ${text}`;
}

function isErrorLike(error: unknown): error is { code?: unknown; data?: unknown } {
  return isJsonObject(error);
}

/** The HTTP status that a transport reports: v1 in `code`, v2 in `data.status`. */
function httpStatus(code: unknown, data: unknown): number | undefined {
  if (typeof code === "number" && code >= 100) return code;
  return isJsonObject(data) && typeof data.status === "number" ? data.status : undefined;
}

/** No status: the network failed, which may pass. A 4xx stays what it is, apart from the two that ask for another try. */
function isRetryableStatus(status: number | undefined): boolean {
  return status === undefined || status >= 500 || status === 408 || status === 429;
}
