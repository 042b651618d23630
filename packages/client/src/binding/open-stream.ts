import {
  BoundedQueue,
  type ClientStream,
  EventsError,
  isJsonObject,
  type JsonObject,
  MAX_TIMER_MS,
  METHODS,
  type Message,
  type OutgoingStream,
  type RequestId,
  WireError,
} from "@mcp-events/protocol";
import { requestError } from "./request-error";
import { ANY_RESULT, type SdkClient } from "./sdk-client";
import type { OpenStream, StreamTable } from "./stream-table";

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly client: SdkClient;
  readonly streams: StreamTable;
  /** Runs `send`; the `events/stream` request that leaves meanwhile belongs to `stream`. */
  sending<T>(stream: StartingStream, send: () => T): T;
}

/** A stream whose request is about to leave. */
export interface StartingStream extends OutgoingStream {
  /** Told the id of the request. */
  started(id: RequestId): void;
}

/** Sends an `events/stream` request and hands over what arrives for it, bounded. */
export function openStream(
  host: StreamHost,
  params: JsonObject,
  signal: AbortSignal,
  maxBuffered: number,
): ClientStream {
  const { client, streams } = host;
  const request = new AbortController();
  const exchange = new AbortController();
  let id: RequestId | undefined;
  let over = false;
  let answered = false;

  const finish = (end: () => void) => {
    if (over) return;
    over = true;
    signal.removeEventListener("abort", cancel);
    end();
    // Afterwards: v1 sends notifications/cancelled even for a request that was answered.
    if (!answered) request.abort(new EventsError("closed", "the stream was closed"));
    if (!answered) exchange.abort();
    if (id !== undefined) streams.end(id);
  };
  const cancel = () => finish(() => queue.close());
  const ended = (cause?: EventsError) => finish(() => queue.fail(streamEnded(cause)));
  const queue = new BoundedQueue<Message>(maxBuffered, () => overflowed(maxBuffered), cancel);

  const open: OpenStream = {
    push(message) {
      if (!queue.push(message)) finish(() => {});
    },
    respond(response) {
      answered = true;
      finish(() =>
        isErrorObject(response.error) ? queue.fail(WireError.fromWire(response.error)) : queue.close(),
      );
    },
  };
  const starting: StartingStream = {
    signal: exchange.signal,
    onEnd: () => ended(),
    room: () => queue.room(Math.ceil(maxBuffered / 2)),
    take: (message) => open.push(message),
    started(requestId) {
      id = requestId;
      streams.add(requestId, open);
    },
  };

  if (signal.aborted) {
    cancel();
    return { messages: queue };
  }
  signal.addEventListener("abort", cancel, { once: true });
  const options = { signal: request.signal, timeout: MAX_TIMER_MS };
  host
    .sending(starting, async () => client.request({ method: METHODS.stream, params }, ANY_RESULT, options))
    .then(
      () => finish(() => queue.close()),
      (error: unknown) => {
        const reason = requestError(error);
        if (WireError.is(reason)) return finish(() => queue.fail(reason));
        ended(reason);
      },
    );
  return { messages: queue };
}

function streamEnded(cause: EventsError | undefined): EventsError {
  const message =
    cause === undefined ? "the stream ended without a result" : `the stream ended: ${cause.message}`;
  return new EventsError("stream_ended", message, { cause, retryable: cause?.retryable ?? true });
}

function overflowed(maxBuffered: number): EventsError {
  return new EventsError("stream_overflow", `the reader fell behind by more than ${maxBuffered} messages`, {
    retryable: true,
  });
}

function isErrorObject(value: unknown): value is { code: number; message: string; data?: unknown } {
  return isJsonObject(value) && typeof value.code === "number" && typeof value.message === "string";
}
