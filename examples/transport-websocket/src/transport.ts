import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from "@modelcontextprotocol/server";
import { type RawData, WebSocket } from "ws";

/** WebSocket subprotocol of MCP: one JSON-RPC message in each text frame. */
export const SUBPROTOCOL = "mcp";

/** Bytes that may wait in a socket; above it a writer waits until they are below again. */
const FULL_BYTES = 64 * 1024;
/** How long a peer may take to answer our close frame, in milliseconds. */
const CLOSE_MS = 1_000;

/** One end of MCP over WebSocket, for a server or a client. */
export class WebSocketTransport implements Transport {
  onmessage?: Transport["onmessage"];
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #closed: Promise<void>;

  constructor(readonly socket: WebSocket) {
    socket.pause(); // what comes before `start` waits; does nothing to a socket that is not open yet
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve(this.#over())));
    socket.on("error", (error) => this.onerror?.(error)); // "close" follows
  }

  async start(): Promise<void> {
    this.socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    this.socket.resume();
    if (this.socket.readyState === WebSocket.CONNECTING) await opened(this.socket);
  }

  /** Resolves when the socket can take more. */
  async send(message: JSONRPCMessage): Promise<void> {
    this.post(JSON.stringify(message));
    await this.room();
  }

  /** Hands a message to the socket and waits for nothing. */
  post(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) throw new Error("the WebSocket is not open");
    this.socket.send(text, () => this.full || this.#wake());
  }

  /** Whether more waits in the socket than should. */
  get full(): boolean {
    return this.socket.readyState === WebSocket.OPEN && this.socket.bufferedAmount > FULL_BYTES;
  }

  /** Resolves when the socket can take more, is closed, or `signal` aborts. */
  async room(signal?: AbortSignal): Promise<void> {
    if (!this.full || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal?.addEventListener("abort", done);
    });
  }

  /** Writers that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Says goodbye; a peer that does not answer is left. */
  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(1000);
    const timer = setTimeout(() => this.socket.terminate(), CLOSE_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  #received(data: RawData, isBinary: boolean): void {
    let message: JSONRPCMessage;
    try {
      if (isBinary) throw new Error("a binary frame is no MCP message");
      message = parseJSONRPCMessage(JSON.parse(String(data)));
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.onmessage?.(message);
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }

  #over(): void {
    this.#wake();
    this.onclose?.();
  }
}

/** A client's end; connects when the MCP client starts it. */
export function connectTo(url: string): WebSocketTransport {
  return new WebSocketTransport(new WebSocket(url, SUBPROTOCOL));
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off("open", settle).off("error", settle).off("close", settle);
      if (error instanceof Error) reject(error);
      else if (socket.readyState === WebSocket.OPEN) resolve();
      else reject(new Error("the WebSocket closed before it opened"));
    };
    socket.on("open", settle).on("error", settle).on("close", settle);
  });
}
