import type { McpTransport } from "@mcp-events/protocol";

/** What is used of the streams that a stdio server transport reads and writes. */
export interface StdioStream {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  readonly destroyed?: boolean;
}

/** A writable stream of Node. */
export interface StdioOutput extends StdioStream {
  write(text: string): boolean;
  readonly writableNeedDrain?: boolean;
  readonly writableEnded?: boolean;
}

/** A readable stream of Node. */
export interface StdioInput extends StdioStream {
  readonly readableEnded?: boolean;
}

/** The stdio server transport found behind an MCP transport. */
export interface ServerStdio {
  /** The transport that owns stdin and stdout: the one connected to, or the one behind the channel of `serveStdio`. */
  readonly wire: McpTransport;
  readonly stdin: StdioInput;
  readonly stdout: StdioOutput;
  /** Whether the transport's own `send` is the SDK's, so that writing beside it takes nothing away from anyone. */
  readonly direct: boolean;
}

/** Finds stdin and stdout behind a server's transport; `undefined` when it is no stdio transport of a known SDK. */
export function serverStdio(transport: McpTransport): ServerStdio | undefined {
  const wire = ((transport as { _wire?: McpTransport })._wire ?? transport) as McpTransport & {
    _stdin?: StdioInput;
    _stdout?: StdioOutput;
  };
  const { _stdin: stdin, _stdout: stdout } = wire;
  if (!isStream(stdin) || !isStream(stdout) || typeof stdout.write !== "function") return undefined;
  return { wire, stdin, stdout, direct: isUntouched(wire) };
}

/** Whether a client's transport runs its server as a child process: those of both SDK lines have `pid` and `stderr`. */
export function isClientStdio(transport: McpTransport): boolean {
  return "pid" in transport && "stderr" in transport;
}

/** What the client transports of both SDK lines read lines out of. */
export interface ReadBuffer {
  _buffer?: Buffer | undefined;
  readMessage(): unknown;
}

/** The buffer of a client's transport; `undefined` when it has none of the known kind. */
export function clientReadBuffer(transport: McpTransport): ReadBuffer | undefined {
  const { _readBuffer: buffer } = transport as { _readBuffer?: Partial<ReadBuffer> };
  return typeof buffer?.readMessage === "function" ? (buffer as ReadBuffer) : undefined;
}

function isStream<T extends StdioStream>(value: T | undefined): value is T {
  return typeof value?.on === "function" && typeof value.off === "function";
}

const untouched = new WeakMap<McpTransport, boolean>();

/** An instance of the SDK's own class, with no `send` of a subclass or of a wrapper around it; as found the first time. */
function isUntouched(wire: McpTransport): boolean {
  const known = untouched.get(wire);
  if (known !== undefined) return known;
  const base: unknown = Object.getPrototypeOf(wire);
  const own =
    !Object.hasOwn(wire, "send") && base !== null && Object.getPrototypeOf(base) === Object.prototype;
  untouched.set(wire, own);
  return own;
}
