import { isJsonObject } from "@mcp-events/protocol";
import { runInExchange } from "./exchange";
import { type ListenStreams, listenRequest } from "./listen";
import { isNodeResponse, nodeExchange } from "./node-exchange";
import { type NodeRequest, readBody } from "./read-body";
import { WebExchange } from "./web-exchange";

/** A web-standard handler, such as v2's `createMcpHandler` makes. */
export interface WebHandler {
  // biome-ignore lint/suspicious/noExplicitAny: what a handler takes beside the request is its own affair
  fetch(request: Request, ...rest: any[]): Promise<Response>;
}

type NodeHandler = (...args: unknown[]) => unknown;

const LISTEN = "subscriptions/listen";

/** See {@link HttpTransport.wrap}. */
export function wrapHandler(
  handler: WebHandler | NodeHandler,
  listens: ListenStreams,
): WebHandler | NodeHandler {
  return typeof handler === "function" ? wrapNode(handler, listens) : wrapWeb(handler, listens);
}

function wrapWeb(handler: WebHandler, listens: ListenStreams): WebHandler {
  return {
    ...handler,
    async fetch(request, ...rest) {
      const exchange = new WebExchange();
      const isListen = request.method === "POST" && request.headers.get("mcp-method") === LISTEN;
      if (isListen) {
        const [options] = rest as [{ parsedBody?: unknown } | undefined];
        const body = options?.parsedBody ?? (await jsonOf(request.clone()));
        const id = listenRequest(body);
        if (id !== undefined) listens.follow(id, exchange);
      }
      const response = await runInExchange(exchange, false, () => handler.fetch(request, ...rest));
      return exchange.attach(response);
    },
  };
}

async function jsonOf(request: Request): Promise<unknown> {
  return request.json().catch(() => undefined);
}

function wrapNode(handler: NodeHandler, listens: ListenStreams): NodeHandler {
  return (...args) => {
    const [req, res] = args as [NodeRequest, unknown];
    if (!isNodeResponse(res)) return handler(...args);
    const exchange = nodeExchange(res);
    if (req.method !== "POST" || req.headers["mcp-method"] !== LISTEN) {
      return runInExchange(exchange, false, () => handler(...args));
    }
    return nodeListen(req, args, async (body) => {
      const id = listenRequest(body);
      if (id !== undefined) listens.follow(id, exchange);
      await runInExchange(exchange, false, async () => handler(req, res, body));
    });
  };
}

/** Hands over the parsed body: the third argument, a body parser's `req.body`, or what is read here. */
async function nodeListen(
  req: NodeRequest,
  args: readonly unknown[],
  serve: (body: unknown) => Promise<void>,
): Promise<void> {
  const given = isJsonObject(args[2]) ? args[2] : req.body;
  await serve(given ?? (await readBody(req)));
}
