import type { JsonObject } from "../json";
import type { WebhookReceiver, WebhookSender } from "./webhook";

/** Id of a JSON-RPC request; 0 and "" are ids like any other. */
export type RequestId = string | number;

/** A JSON-RPC notification without its envelope. */
export interface Message {
  readonly method: string;
  readonly params: JsonObject;
}

/** An MCP transport, as both SDK lines define it, as far as it is used here. */
export interface McpTransport {
  // biome-ignore lint/suspicious/noExplicitAny: the two SDK lines type their messages differently
  send(message: any, options?: any): Promise<void>;
  close(): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onmessage?: ((message: any, extra?: any) => void) | undefined;
  onclose?: (() => void) | undefined;
}

// ---------------------------------------------------------------- the server's side

/** What the SDK knows of an `events/stream` request, given to a transport adapter. */
export interface StreamRequest {
  readonly requestId: RequestId;
  /** Aborts when the SDK sees a cancellation or the end of the connection, or when {@link ServerConnection.exchange} aborts. */
  readonly signal: AbortSignal;
  /** Sends one notification through the SDK on the request's own channel. */
  notify(message: Message): Promise<void>;
}

/** The server's end of one stream. One writer at a time: each `write` is awaited before the next. */
export interface StreamChannel {
  /** Aborts when the client cancelled, disconnected or closed, by whatever sign the transport has (PUSH-7). */
  readonly signal: AbortSignal;
  /**
   * Writes messages in the order given; resolves when the transport can take more. After `signal` aborted it
   * resolves without writing.
   *
   * @throws when the connection broke in a way that `signal` did not report.
   */
  write(messages: readonly Message[]): Promise<void>;
  /** Releases listeners and whatever else the channel holds; called exactly once, when the stream is over. */
  release(): void;
}

/** The server's part of a transport adapter: recognises its MCP transports and opens streams on them. */
export interface ServerTransport {
  /** For logs and errors: `stdio`, `http`, … */
  readonly name: string;
  /**
   * Called when a server connects to an MCP transport, before any message flows.
   *
   * @param server - Closes the MCP server, for transports whose SDK ignores the end of the connection.
   * @returns `undefined` when the transport is not of this adapter's kind.
   */
  connect(transport: McpTransport, server: { close(): Promise<void> }): ServerConnection | undefined;
  /**
   * Sends a notification to everybody who asked this adapter for it outside any MCP server, such as the
   * `subscriptions/listen` streams of 2026-07-28 over HTTP (LIST-3). Called once a change, whatever is connected.
   */
  broadcast?(message: Message): void;
  /** Posts webhooks, for a transport that does; it recognises no MCP transport. */
  readonly webhookSender?: WebhookSender | undefined;
}

/** One connection of a {@link ServerTransport}. */
export interface ServerConnection {
  /** Who is at the other end, where the transport itself knows; a request's own authentication comes first. */
  readonly principal?: string | undefined;
  /**
   * Opens the channel of the `events/stream` request that is being handled; called inside its handler.
   *
   * @throws WireError `Unsupported` when this connection cannot carry a stream (a JSON response mode).
   */
  open(request: StreamRequest): StreamChannel;
  /**
   * Aborts when the exchange that carries the request now being handled is gone; asked as its handler starts. Only for
   * transports that have an exchange for each request and whose SDK does not report its end.
   */
  exchange?(): AbortSignal | undefined;
  /** Told that a handler ended after its request was cancelled, for transports where the SDK then leaves the exchange open. */
  cancelled?(requestId: RequestId): void;
  /** Sends a notification to those who asked for it on this connection; used instead of the SDK on 2026-07-28 (LIST-3). */
  notify?(message: Message): Promise<void>;
}

/** An incoming request, the same for both SDK lines. */
export interface HostRequest {
  readonly requestId: RequestId;
  /** Parameters without `_meta`. */
  readonly params: JsonObject;
  readonly meta: JsonObject | undefined;
  readonly signal: AbortSignal;
  /** The authenticated subject; `null` for an anonymous caller. */
  readonly principal: string | null;
  /** What the SDK's authentication handed over, untouched. */
  readonly authInfo: unknown;
  /** The MCP session it came in, where the transport has sessions. */
  readonly sessionId?: string | undefined;
  /** Opens the request's stream; only for `events/stream`, at most once. */
  stream(): StreamChannel;
}

/** One MCP server of either SDK line, as the event engine sees it. */
export interface EventHost {
  /** Adds to the capabilities; only before the server is connected. */
  addCapabilities(capabilities: JsonObject): void;
  /** Handles a request method. A thrown {@link WireError} goes out with its code and data. */
  handle(method: string, handler: (request: HostRequest) => Promise<JsonObject>): void;
  /** Sends a notification that belongs to no request. */
  notify(message: Message): Promise<void>;
  /** Calls `fn` once when the MCP server closes. */
  onClose(fn: () => void): void;
}

// ---------------------------------------------------------------- the client's side

/** What a client's adapter is told of a stream when its request leaves. */
export interface OutgoingStream {
  /** Aborts when the client is done with this stream: end its exchange and nothing else. */
  readonly signal: AbortSignal;
  /** To be called when the stream's exchange ended, whether or not a result came. */
  onEnd(): void;
  /**
   * For transports with an exchange of its own for each stream: a promise to wait for before more of it is read, while
   * the reader is behind; `undefined` when there is room. A channel shared with other traffic is never stopped.
   */
  room?(): Promise<void> | undefined;
  /** Takes a notification of the stream that the adapter read from the stream's exchange itself, past the SDK. */
  take?(message: Message): void;
}

/** The client's part of a transport adapter. */
export interface ClientTransport {
  /** For logs and errors: `stdio`, `http`, … */
  readonly name: string;
  /** Called once for the MCP transport a client is connected to; `undefined` when it is not of this adapter's kind. */
  connect(transport: McpTransport): ClientLink | undefined;
  /** Receives webhooks, for a transport that does; it recognises no MCP transport. */
  readonly webhookReceiver?: WebhookReceiver | undefined;
}

/** One connection of a {@link ClientTransport}. */
export interface ClientLink {
  /**
   * Called as the request of a stream is handed to `transport.send`.
   *
   * @returns options to add to that `send`.
   */
  openStream(requestId: RequestId, stream: OutgoingStream): JsonObject;
}

/** One stream as the client reads it. */
export interface ClientStream {
  /**
   * The stream's notifications, in batches of whatever had arrived. Ends when the server ended the stream with a
   * result. The reader's `return` (or `signal`) cancels the stream.
   *
   * @throws WireError when the server refused the request.
   * @throws EventsError `stream_ended` (retryable) when the exchange ended without a result or the connection broke;
   * `stream_overflow` (retryable) when the reader fell behind by more than the bound; what came before is read first.
   */
  readonly messages: AsyncIterable<readonly Message[]>;
}

/** One MCP client of either SDK line, as the event client sees it. */
export interface EventConnection {
  /** The server's capabilities as it sent them, with what the SDK does not know; `undefined` before connecting. */
  serverCapabilities(): Promise<JsonObject | undefined>;
  /**
   * Sends a request.
   *
   * @param options - `timeoutMs` defaults to the SDK's own (60,000 ms).
   * @throws WireError for an error response; EventsError `timed_out` or `transport_failed` (both retryable).
   */
  request(
    method: string,
    params: JsonObject,
    options?: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  ): Promise<JsonObject>;
  /** Opens an `events/stream`. */
  openStream(
    params: JsonObject,
    options: { signal: AbortSignal; maxBuffered?: number | undefined },
  ): ClientStream;
  /** Calls `fn` for each notification of the method; the returned function stops it. */
  onNotification(method: string, fn: (params: JsonObject) => void): () => void;
  /** Aborts when the connection is closed. */
  readonly closed: AbortSignal;
}
