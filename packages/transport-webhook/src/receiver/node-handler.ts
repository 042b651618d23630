import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "@mcp-events/protocol";
import type { WebhookRequest, WebhookResponse } from "./outcome";
import type { WebhookReceiverHandle } from "./receiver";

/** Options of {@link nodeHandler}. */
export interface NodeHandlerOptions {
  /** Told when the handler is mounted behind a body parser; default: the console's `error`. */
  readonly logger?: Pick<Logger, "error"> | undefined;
}

/** A request of Node's HTTP server, with what Express and body parsers add to it. */
export type NodeWebhookRequest = IncomingMessage & { originalUrl?: string; body?: unknown };

const PARSED =
  "a body parser ran before the webhook receiver: mount it before express.json(), or use express.raw()";

/**
 * The receiver for Node's HTTP server and for Express. What is not the receiver's goes to `next`, or is answered 404.
 * A body that a parser turned into an object is answered 500: its bytes are gone, and they are what was signed (HOOK-18).
 */
export function nodeHandler(
  receiver: WebhookReceiverHandle,
  options: NodeHandlerOptions = {},
): (req: NodeWebhookRequest, res: ServerResponse, next?: () => void) => void {
  const logger = options.logger ?? { error: (message: string) => console.error(message) };
  return (req, res, next) => {
    const path = req.originalUrl ?? req.url ?? "/";
    if (next !== undefined && !receiver.owns(path)) return next();
    const body = bodyOf(req);
    if (body === undefined) {
      logger.error(PARSED);
      respond(req, res, { status: 500, headers: {}, body: "" });
      return undefined;
    }
    const request = { method: req.method ?? "", path, headers: req.headers, body };
    void receiver.handle(request).then((answer) => respond(req, res, answer));
    return undefined;
  };
}

/** The bytes of the body, read or still to come; `undefined` when a parser has made something else of them. */
function bodyOf(req: NodeWebhookRequest): WebhookRequest["body"] | undefined {
  const { body } = req;
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string") return Buffer.from(body);
  const isUntouched = body === undefined || (!req.readableEnded && !req.readableDidRead);
  // Leaving the loop early must not destroy the socket: the answer has to go out.
  return isUntouched ? req.iterator({ destroyOnReturn: false }) : undefined;
}

function respond(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, body }: Pick<WebhookResponse, "status" | "headers" | "body">,
): void {
  if (res.headersSent || res.destroyed) return;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  // The rest of a body that was not read to its end is not waited for.
  if (!req.complete) res.setHeader("connection", "close");
  res.statusCode = status;
  res.end(body);
}
