import { directTransport, type McpTransport, type ServerConnection } from "@mcp-events/protocol";
import type { BindSettings } from "./options";

/** What both SDK lines' `Server` has, as far as it is used here. */
export interface SdkServer {
  connect(transport: McpTransport): Promise<void>;
  close(): Promise<void>;
  registerCapabilities(capabilities: object): void;
  // biome-ignore lint/suspicious/noExplicitAny: the two SDK lines have different signatures
  setRequestHandler(...args: any[]): void;
  notification(notification: object): Promise<void>;
  readonly transport?: unknown;
  getNegotiatedProtocolVersion?(): string | undefined;
  getClientVersion?(): unknown;
}

/**
 * Follows an MCP server through connect and close: asks the adapters for the connection before any message flows, and
 * says once when the server is done with, also when it is closed without ever having been connected (v2's handler
 * builds such servers for `subscriptions/listen`).
 */
export class ConnectionWatch {
  #current: ServerConnection | undefined;
  #closed = false;
  readonly #onClose = new Set<() => void>();

  constructor(
    readonly server: SdkServer,
    private readonly settings: BindSettings,
    /** Sees each incoming message before the SDK does. */
    private readonly tap?: (message: unknown) => void,
  ) {
    const connect = server.connect.bind(server);
    const close = server.close.bind(server);
    server.connect = (transport) => this.#connect(transport, connect);
    server.close = async () => {
      await close();
      this.#end();
    };
  }

  /** The connection of the MCP transport that the server is connected to. */
  get current(): ServerConnection | undefined {
    return this.#current;
  }

  /** Calls `fn` once when the server closes; at once when it has. */
  onClose(fn: () => void): void {
    if (this.#closed) fn();
    else this.#onClose.add(fn);
  }

  async #connect(transport: McpTransport, connect: (transport: McpTransport) => Promise<void>) {
    if (this.server.transport !== undefined) return connect(transport);
    this.#current = this.#open(transport);
    const { onclose, onmessage } = transport;
    transport.onclose = () => {
      onclose?.();
      this.#end();
    };
    const tap = this.tap;
    if (tap !== undefined) {
      transport.onmessage = (message, extra) => {
        onmessage?.(message, extra);
        tap(message);
      };
    }
    await connect(transport);
  }

  #open(transport: McpTransport): ServerConnection | undefined {
    const handle = { close: () => this.server.close() };
    for (const adapter of [...this.settings.transports, directTransport]) {
      const connection = adapter.connect(transport, handle);
      if (connection !== undefined) return connection;
    }
    return undefined;
  }

  #end(): void {
    this.#closed = true;
    this.#current = undefined;
    const callbacks = [...this.#onClose];
    this.#onClose.clear();
    for (const fn of callbacks) {
      try {
        fn();
      } catch (error) {
        this.settings.logger.error("events: a close callback failed", { error });
      }
    }
  }
}
