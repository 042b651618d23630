import type { EventHost, JsonObject, Message, RequestId } from "@mcp-events/protocol";
import { ConnectionWatch, type SdkServer } from "./connection";
import type { BindSettings } from "./options";
import { serveRequest } from "./serve-request";

/** What `@modelcontextprotocol/server` hands to a request handler. */
interface V2Context {
  readonly sessionId?: string | undefined;
  readonly mcpReq: {
    readonly id: RequestId;
    readonly _meta?: unknown;
    readonly signal: AbortSignal;
    notify(message: Message): Promise<void>;
  };
  readonly http?:
    | { readonly authInfo?: unknown; readonly req?: { readonly signal?: AbortSignal } }
    | undefined;
}

/** First revision on which change notifications go to `subscriptions/listen` streams only (LIST-3). */
const LISTEN_REVISION = "2026-07-28";

/** A Standard Schema that lets everything through: the engine validates, and answers in the contract's words. */
const anything = {
  "~standard": { version: 1, vendor: "mcp-events", validate: (value: unknown) => ({ value }) },
};

/** Hosts events on a `Server` of `@modelcontextprotocol/server`. */
export function v2Host(server: SdkServer, settings: BindSettings): EventHost {
  const watch = new ConnectionWatch(server, settings);
  return {
    addCapabilities: (capabilities) => server.registerCapabilities(capabilities),
    handle(method, handler) {
      server.setRequestHandler(
        method,
        { params: anything, result: anything },
        (params: JsonObject, { mcpReq, http, sessionId }: V2Context) =>
          serveRequest(
            {
              method,
              requestId: mcpReq.id,
              params,
              meta: mcpReq._meta,
              authInfo: http?.authInfo,
              sessionId,
              sdkSignal: mcpReq.signal,
              otherSignals: [http?.req?.signal],
              notify: (message) => mcpReq.notify(message),
            },
            watch.current,
            handler,
            settings,
          ),
      );
    },
    async notify(message) {
      if (server.transport === undefined) return;
      const revision = server.getNegotiatedProtocolVersion?.();
      // A client that has not initialised is owed an answer first, and knows no list that could have changed.
      if (revision === undefined) return;
      if (revision >= LISTEN_REVISION) return watch.current?.notify?.(message);
      await server.notification(message);
    },
    onClose: (fn) => watch.onClose(fn),
  };
}
