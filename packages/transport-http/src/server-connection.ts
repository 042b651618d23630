import {
  directChannel,
  type RequestId,
  type ServerConnection,
  SUBSCRIPTION_ID,
  WireError,
} from "@mcp-events/protocol";
import { currentExchange, type Exchange, runInExchange, takeExchange } from "./exchange";
import { isNodeResponse, nodeExchange } from "./node-exchange";
import { answersJson, type HttpServerTransport, isSingleUse, keepsMessages } from "./recognise";
import { SseChannel } from "./sse-channel";
import { WebExchange } from "./web-exchange";

/** Follows the exchanges of one HTTP server transport. */
export function connectServer(
  transport: HttpServerTransport,
  server: { close(): Promise<void> },
): ServerConnection {
  const began = (exchange: Exchange) => {
    if (!isSingleUse(transport)) return;
    // v1 leaves this to the application, and a server that nobody closes is held for ever [pitfall 40].
    exchange.gone.addEventListener("abort", () => void server.close().catch(() => {}), { once: true });
  };
  followRequests(transport, began);
  followMessages(transport);
  return {
    exchange: () => currentExchange()?.gone,
    open(request) {
      if (answersJson(transport)) {
        throw new WireError("Unsupported", "this server answers with JSON, which carries no stream", {
          feature: "deliveryMode",
          value: "push",
          reason: "json_response",
        });
      }
      const exchange = currentExchange();
      if (exchange === undefined) return directChannel(request);
      return new SseChannel(request, exchange, !keepsMessages(transport));
    },
    cancelled(requestId) {
      transport.send(closingResult(requestId)).catch(() => {});
    },
  };
}

/** The SDK sends nothing for a cancelled request, and so keeps its response and two map entries: this ends them. */
function closingResult(requestId: RequestId): object {
  return {
    jsonrpc: "2.0",
    id: requestId,
    result: { resultType: "complete", _meta: { [SUBSCRIPTION_ID]: requestId } },
  };
}

/** `handleRequest` of the Streamable HTTP transports, on Node and web-standard. */
function followRequests(transport: HttpServerTransport, began: (exchange: Exchange) => void): void {
  const handle = transport.handleRequest?.bind(transport);
  if (handle === undefined) return;
  transport.handleRequest = (...args) => {
    if (!isNodeResponse(args[1])) return inWebExchange(() => handle(...args) as Promise<Response>, began);
    const exchange = nodeExchange(args[1]);
    began(exchange);
    return runInExchange(exchange, true, () => handle(...args));
  };
}

/** `handleMessage` of v2's transport for a single exchange; the SDK itself closes the server afterwards. */
function followMessages(transport: HttpServerTransport): void {
  const handle = transport.handleMessage?.bind(transport);
  if (handle === undefined) return;
  transport.handleMessage = (...args) =>
    inWebExchange(
      () => handle(...args),
      () => {},
    );
}

/** Runs within the exchange of the wrapped handler around it, if there is one, else within one of its own. */
function inWebExchange(
  handle: () => Promise<Response>,
  began: (exchange: Exchange) => void,
): Promise<Response> {
  if (takeExchange()) return handle();
  const exchange = new WebExchange();
  began(exchange);
  return runInExchange(exchange, true, async () => exchange.attach(await handle()));
}
