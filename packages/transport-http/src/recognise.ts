import type { McpTransport } from "@mcp-events/protocol";

/** A server transport of either SDK line that answers HTTP requests. */
export interface HttpServerTransport extends McpTransport {
  /** Node's `(req, res, body?)` or web-standard `(request, options?) => Response`. */
  handleRequest?(...args: unknown[]): Promise<unknown>;
  /** v2's transport for a single exchange. */
  handleMessage?(message: unknown, extra?: { request?: unknown }): Promise<Response>;
}

/** Fields of the SDKs' classes that say how a transport was configured; none of them is public. */
interface Configured {
  readonly _webStandardTransport?: Configured;
  readonly _enableJsonResponse?: boolean;
  readonly _responseMode?: string;
  readonly _eventStore?: unknown;
  readonly sessionIdGenerator?: unknown;
}

/** Whether a transport is one that answers HTTP requests with responses of their own. */
export function isHttpServer(transport: McpTransport): transport is HttpServerTransport {
  const { handleRequest, handleMessage } = transport as HttpServerTransport;
  // v1's transport of the older HTTP+SSE has a handleMessage too, of another kind.
  if ("handlePostMessage" in transport) return false;
  return typeof handleRequest === "function" || typeof handleMessage === "function";
}

/** Whether requests are answered with plain JSON, so that no notification reaches the client [pitfall 20]. */
export function answersJson(transport: McpTransport): boolean {
  const { _enableJsonResponse, _responseMode } = configured(transport);
  return _enableJsonResponse === true || _responseMode === "json";
}

/** Whether the SDK keeps messages so that a client can resume the response. */
export function keepsMessages(transport: McpTransport): boolean {
  return configured(transport)._eventStore !== undefined;
}

/** Whether the transport serves one request and is done. */
export function isSingleUse(transport: McpTransport): boolean {
  const found = configured(transport);
  return "sessionIdGenerator" in found && found.sessionIdGenerator === undefined;
}

function configured(transport: McpTransport): Configured {
  const own = transport as Configured;
  return own._webStandardTransport ?? own;
}
