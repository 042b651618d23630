import { isJsonObject, METHODS, type OutgoingStream, type RequestId } from "@mcp-events/protocol";
import { followSignals } from "./follow-signals";
import { sseFrame } from "./sse-channel";
import { SseIntake } from "./sse-intake";

/** The part of `fetch` that the SDKs use. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

type Bytes = Uint8Array<ArrayBuffer>;

/** Statuses after which the SDK authorises and sends the same request again. */
const TRIES_AGAIN = new Set([401, 403]);

/** Follows the POSTs of streams through a transport's `fetch`. */
export class StreamFetch {
  readonly #streams = new Map<RequestId, OutgoingStream>();

  /** @param reportsEnd - Whether the end of an exchange is told from here, because the SDK does not tell it. */
  constructor(private readonly reportsEnd: boolean) {}

  add(id: RequestId, stream: OutgoingStream): void {
    this.#streams.set(id, stream);
    stream.signal.addEventListener("abort", () => this.#streams.delete(id), { once: true });
  }

  async fetch(base: Fetch, url: string | URL, init?: RequestInit): Promise<Response> {
    const id = streamRequestId(init);
    const stream = id === undefined ? undefined : this.#streams.get(id);
    if (id === undefined || stream === undefined) return base(url, init);
    const abort = followSignals([stream.signal, init?.signal]);
    let response: Response;
    try {
      response = await base(url, { ...init, signal: abort.signal });
    } catch (error) {
      abort.release();
      throw error;
    }
    const { body, status, statusText, headers } = response;
    if (body === null || headers.get("content-type")?.startsWith("text/event-stream") !== true) {
      abort.release();
      if (!TRIES_AGAIN.has(status)) this.#streams.delete(id);
      return response;
    }
    const over = () => {
      abort.release();
      this.#streams.delete(id);
      if (this.reportsEnd) afterSdk(() => stream.onEnd());
    };
    return new Response(followBody(body, id, stream, over), { status, statusText, headers });
  }
}

/**
 * The body as the SDK gets it: without the stream's notifications, which are handed over here, read no faster than the
 * stream's reader takes them, and with its end told.
 */
function followBody(
  body: ReadableStream<Bytes>,
  id: RequestId,
  stream: OutgoingStream,
  over: () => void,
): ReadableStream<Bytes> {
  const reader = body.getReader();
  const intake = new SseIntake(id, stream);
  const pass = async (controller: ReadableStreamDefaultController<Bytes>) => {
    for (;;) {
      await stream.room?.();
      const { done, value } = await reader.read();
      const left = done ? intake.end() : intake.take(value);
      if (left !== undefined) controller.enqueue(left);
      if (done) {
        over();
        return controller.close();
      }
      if (left !== undefined) return;
    }
  };
  return new ReadableStream<Bytes>(
    {
      pull: (controller) =>
        pass(controller).catch((error: unknown) => {
          over();
          if (stream.signal.aborted) endQuietly(controller, id);
          else controller.error(error);
        }),
      async cancel(reason) {
        over();
        await reader.cancel(reason).catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

/** For the SDK the request was answered: otherwise v1 reports an error, and resumes the response where a server keeps it. */
function endQuietly(controller: ReadableStreamDefaultController<Bytes>, id: RequestId): void {
  const answer = { jsonrpc: "2.0", id, result: { resultType: "complete" } };
  controller.enqueue(new TextEncoder().encode(sseFrame(JSON.stringify(answer))));
  controller.close();
}

/** Calls `fn` when the SDK has handed over what it had read: its way there has no more than promises in it. */
function afterSdk(fn: () => void): void {
  setTimeout(() => setTimeout(fn, 0), 0);
}

/** The id of the `events/stream` request that a POST carries. */
function streamRequestId(init: RequestInit | undefined): RequestId | undefined {
  const body = init?.body;
  if (init?.method !== "POST" || typeof body !== "string" || !body.includes(METHODS.stream)) return undefined;
  const message: unknown = JSON.parse(body);
  if (!isJsonObject(message) || message.method !== METHODS.stream) return undefined;
  return message.id as RequestId;
}
