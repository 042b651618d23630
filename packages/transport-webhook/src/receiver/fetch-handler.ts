import { chunksOf } from "./read-bounded";
import type { WebhookReceiverHandle } from "./receiver";

/** Options of {@link fetchHandler}. */
export interface FetchHandlerOptions {
  /** Answers what is not the receiver's; default: 404. */
  readonly next?: ((request: Request) => Response | Promise<Response>) | undefined;
}

/**
 * The receiver as a web-standard handler: Hono, Next, Workers, Deno, Bun. The body is read as far as `maxBodyBytes`, and
 * nothing may have read it before.
 */
export function fetchHandler(
  receiver: WebhookReceiverHandle,
  options: FetchHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const { next } = options;
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (next !== undefined && !receiver.owns(pathname)) return next(request);
    const { method, headers } = request;
    const answer = await receiver.handle({ method, path: pathname, headers, body: chunksOf(request.body) });
    return new Response(answer.body === "" ? null : answer.body, {
      status: answer.status,
      headers: answer.headers,
    });
  };
}
