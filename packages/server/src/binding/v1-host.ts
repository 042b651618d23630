import { type EventHost, isJsonObject, type Message, type RequestId } from "@mcp-events/protocol";
import { ConnectionWatch, type SdkServer } from "./connection";
import type { BindSettings } from "./options";
import { serveRequest } from "./serve-request";

/** What `@modelcontextprotocol/sdk` hands to a request handler. */
interface V1Extra {
  readonly signal: AbortSignal;
  readonly requestId: RequestId;
  readonly authInfo?: unknown;
  readonly sessionId?: string | undefined;
  readonly _meta?: unknown;
  sendNotification(message: Message): Promise<void>;
}

/** Hosts events on a `Server` of `@modelcontextprotocol/sdk`. */
export function v1Host(server: SdkServer, settings: BindSettings): EventHost {
  const falsyIds = new FalsyIdCancellation();
  const watch = new ConnectionWatch(server, settings, (message) => falsyIds.see(message));
  return {
    addCapabilities: (capabilities) => server.registerCapabilities(capabilities),
    handle(method, handler) {
      server.setRequestHandler(
        anyRequest(method),
        async (request: { params?: { _meta?: unknown } | undefined }, extra: V1Extra) => {
          const cancelled = falsyIds.begin(extra.requestId);
          try {
            return await serveRequest(
              {
                method,
                requestId: extra.requestId,
                params: request.params,
                meta: extra._meta,
                authInfo: extra.authInfo,
                sessionId: extra.sessionId,
                sdkSignal: extra.signal,
                otherSignals: [cancelled?.signal],
                notify: (message) => extra.sendNotification(message),
              },
              watch.current,
              handler,
              settings,
            );
          } finally {
            falsyIds.end(extra.requestId, cancelled);
          }
        },
      );
    },
    async notify(message) {
      // A client that has not initialised is owed an answer first, and knows no list that could have changed.
      if (server.transport === undefined || server.getClientVersion?.() === undefined) return;
      await server.notification(message);
    },
    onClose: (fn) => watch.onClose(fn),
  };
}

/** A schema that lets everything through; the SDK reads the method from it. Failures of its own schemas leave as -32603. */
function anyRequest(method: string): object {
  return {
    shape: { method: { value: method } },
    safeParse: (data: unknown) => ({ success: true, data }),
  };
}

/** v1 ignores the cancellation of a request whose id is 0 or "". */
class FalsyIdCancellation {
  readonly #running = new Map<RequestId, AbortController>();

  begin(id: RequestId): AbortController | undefined {
    if (id) return undefined;
    const controller = new AbortController();
    this.#running.set(id, controller);
    return controller;
  }

  end(id: RequestId, controller: AbortController | undefined): void {
    if (this.#running.get(id) === controller) this.#running.delete(id);
  }

  see(message: unknown): void {
    if (this.#running.size === 0 || !isJsonObject(message)) return;
    if (message.method !== "notifications/cancelled" || !isJsonObject(message.params)) return;
    const { requestId, reason } = message.params;
    if (requestId === 0 || requestId === "") this.#running.get(requestId)?.abort(reason);
  }
}
