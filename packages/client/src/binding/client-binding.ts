import {
  type ClientLink,
  type ClientStream,
  type ClientTransport,
  type Clock,
  clientCapabilities,
  type EventConnection,
  type JsonObject,
  type McpTransport,
  METHODS,
  NOTIFICATIONS,
} from "@mcp-events/protocol";
import { ListChangedListen } from "./list-changed";
import { takeMessage } from "./message-tap";
import { NotificationListeners } from "./notifications";
import { openStream, type StartingStream, type StreamHost } from "./open-stream";
import { declaredCapabilities, declareInEnvelope, initializeCapabilities } from "./raw-capabilities";
import type { SdkClient } from "./sdk-client";
import { type RequestOptions, sendRequest } from "./send-request";
import { StreamTable } from "./stream-table";

/** {@link BindClientOptions} with every default filled in. */
export interface ClientBindingSettings {
  readonly transports: readonly ClientTransport[];
  readonly maxBuffered: number;
  readonly clock: Clock;
}

/** The EventConnection of one MCP client. */
export class ClientBinding implements EventConnection, StreamHost {
  readonly streams = new StreamTable();
  readonly #closed = new AbortController();
  readonly #listeners = new NotificationListeners();
  readonly #listen: ListChangedListen;
  #capabilities: Promise<JsonObject | undefined> | undefined;
  #link: ClientLink | undefined;
  #starting: StartingStream | undefined;
  /** Whether the client's own capabilities say that it understands events (CAP-3). */
  #declared = false;

  constructor(
    readonly client: SdkClient,
    private readonly settings: ClientBindingSettings,
  ) {
    this.#listen = new ListChangedListen(client, settings.clock, () =>
      this.#listeners.notify(NOTIFICATIONS.listChanged, {}),
    );
    const { transport } = client;
    if (transport !== undefined) {
      this.#tapSend(transport);
      this.#connected(transport);
      return;
    }
    client.registerCapabilities?.(clientCapabilities());
    this.#declared = client.registerCapabilities !== undefined;
    const connect = client.connect.bind(client);
    client.connect = async (next, options) => {
      this.#tapSend(next);
      this.#watchInitialize(next);
      await connect(next, options);
      this.#connected(next);
    };
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async serverCapabilities(): Promise<JsonObject | undefined> {
    if (this.client.transport === undefined) return undefined;
    this.#capabilities ??= declaredCapabilities(this.client);
    return this.#capabilities;
  }

  request(method: string, params: JsonObject, options: RequestOptions = {}): Promise<JsonObject> {
    return sendRequest(this.client, method, params, options);
  }

  openStream(
    params: JsonObject,
    options: { signal: AbortSignal; maxBuffered?: number | undefined },
  ): ClientStream {
    return openStream(this, params, options.signal, options.maxBuffered ?? this.settings.maxBuffered);
  }

  onNotification(method: string, fn: (params: JsonObject) => void): () => void {
    const remove = this.#listeners.add(method, fn);
    if (method === NOTIFICATIONS.listChanged) this.#listen.start();
    return () => {
      remove();
      if (!this.#listeners.has(NOTIFICATIONS.listChanged)) this.#listen.stop();
    };
  }

  sending<T>(stream: StartingStream, send: () => T): T {
    this.#starting = stream;
    try {
      return send();
    } finally {
      this.#starting = undefined;
    }
  }

  /** Both SDKs hand a request to `transport.send` before `request` returns: the id is read there. */
  #tapSend(transport: McpTransport): void {
    const send = transport.send.bind(transport);
    transport.send = (message: JsonObject, options?: JsonObject) => {
      const outgoing = this.#declared ? message : declareInEnvelope(message);
      const stream = this.#starting;
      if (stream === undefined || message.method !== METHODS.stream) return send(outgoing, options);
      this.#starting = undefined;
      const id = message.id as string | number;
      stream.started(id);
      return send(outgoing, { ...options, ...this.#link?.openStream(id, stream) });
    };
  }

  /** Called first for each message while the connection is made: both SDKs chain what was set before. */
  #watchInitialize(transport: McpTransport): void {
    const { onmessage } = transport;
    this.#capabilities = undefined;
    transport.onmessage = (message, extra) => {
      onmessage?.(message, extra);
      const found = this.#capabilities === undefined ? initializeCapabilities(message) : undefined;
      if (found !== undefined) this.#capabilities = Promise.resolve(found);
    };
  }

  #connected(transport: McpTransport): void {
    for (const adapter of this.settings.transports) {
      this.#link = adapter.connect(transport);
      if (this.#link !== undefined) break;
    }
    const { onmessage, onclose } = transport;
    const notified = (method: string, params: JsonObject) => this.#listeners.notify(method, params);
    transport.onmessage = (message, extra) => {
      if (!takeMessage(message, this.streams, notified)) onmessage?.(message, extra);
    };
    transport.onclose = () => {
      onclose?.();
      this.#end();
    };
    if (this.#listeners.has(NOTIFICATIONS.listChanged)) this.#listen.start();
  }

  /** The SDK has rejected every pending request by now, and so ended every stream. */
  #end(): void {
    this.#listen.stop();
    this.#link = undefined;
    this.#closed.abort();
  }
}
