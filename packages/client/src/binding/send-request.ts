import { EventsError, type JsonObject, MAX_TIMER_MS } from "@mcp-events/protocol";
import { requestError } from "./request-error";
import { ANY_RESULT, type McpClientLike } from "./sdk-client";

/** Options of {@link sendRequest}. */
export interface RequestOptions {
  /** Cancels the request. */
  readonly signal?: AbortSignal | undefined;
  /** How long the answer may take, in milliseconds; default: the SDK's own limit. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Sends a request of any method through an MCP client of either SDK line.
 *
 * @returns the result as it came.
 * @throws WireError for an error response; EventsError `transport_failed`, `timed_out`; `closed` when it was cancelled.
 */
export async function sendRequest(
  mcpClient: Pick<McpClientLike, "request">,
  method: string,
  params: JsonObject,
  { signal, timeoutMs }: RequestOptions = {},
): Promise<JsonObject> {
  // A signal of its own: v1 leaves its listener on the one it is given.
  const abort = new AbortController();
  const onAbort = () => abort.abort(signal?.reason);
  if (signal?.aborted) throw aborted(signal);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timeout = timeoutMs === undefined ? {} : { timeout: Math.min(timeoutMs, MAX_TIMER_MS) };
  try {
    return await mcpClient.request({ method, params }, ANY_RESULT, { signal: abort.signal, ...timeout });
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : requestError(error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function aborted(signal: AbortSignal): EventsError {
  return new EventsError("closed", "the request was aborted", { cause: signal.reason });
}
