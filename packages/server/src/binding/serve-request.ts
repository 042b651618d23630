import {
  directChannel,
  EventsError,
  type HostRequest,
  isJsonObject,
  type JsonObject,
  type Message,
  type RequestId,
  type ServerConnection,
} from "@mcp-events/protocol";
import { joinSignals } from "./join-signals";
import type { BindSettings } from "./options";
import { toRpcError } from "./rpc-error";

/** A request as an SDK line hands it over. */
export interface IncomingRequest {
  readonly method: string;
  readonly requestId: RequestId;
  readonly params: unknown;
  readonly meta: unknown;
  readonly authInfo: unknown;
  readonly sessionId: string | undefined;
  /** The SDK's own signal; when it aborts the SDK sends no response. */
  readonly sdkSignal: AbortSignal;
  /** Further signals that end the request. */
  readonly otherSignals: readonly (AbortSignal | undefined)[];
  notify(message: Message): Promise<void>;
}

/** Runs a handler for a request of either SDK line, with one signal for every way in which the request can end. */
export async function serveRequest(
  incoming: IncomingRequest,
  connection: ServerConnection | undefined,
  handler: (request: HostRequest) => Promise<JsonObject>,
  settings: BindSettings,
): Promise<JsonObject> {
  const { requestId, sdkSignal } = incoming;
  const joined = joinSignals([sdkSignal, ...incoming.otherSignals, connection?.exchange?.()]);
  try {
    return await handler(hostRequest(incoming, connection, joined.signal, settings));
  } catch (error) {
    throw toRpcError(error, settings, incoming.method);
  } finally {
    joined.release();
    if (sdkSignal.aborted) connection?.cancelled?.(requestId);
  }
}

function hostRequest(
  incoming: IncomingRequest,
  connection: ServerConnection | undefined,
  signal: AbortSignal,
  settings: BindSettings,
): HostRequest {
  const { requestId, authInfo, sessionId } = incoming;
  const params = isJsonObject(incoming.params) ? { ...incoming.params } : {};
  delete params._meta;
  let opened = false;
  return {
    requestId,
    params,
    meta: isJsonObject(incoming.meta) ? incoming.meta : undefined,
    signal,
    authInfo,
    sessionId,
    // An empty name is nobody's: all who have it would be one (HOOK-2).
    principal: settings.principalOf(authInfo) || connection?.principal || null,
    stream() {
      if (opened) throw new EventsError("attach_failed", "stream() was called twice for one request");
      opened = true;
      const stream = { requestId, signal, notify: (message: Message) => send(incoming, signal, message) };
      return connection?.open(stream) ?? directChannel(stream);
    },
  };
}

/** After the abort nothing is sent and nothing is thrown: v1 is silent then, v2 writes on, a closed transport rejects. */
async function send(incoming: IncomingRequest, signal: AbortSignal, message: Message): Promise<void> {
  if (signal.aborted) return;
  try {
    await incoming.notify(message);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
