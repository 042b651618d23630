import type { Exchange, ResponseFilter, Watch } from "./exchange";
import { Watches } from "./watches";

/** What is used of Node's `ServerResponse`, and of what frameworks make of it. */
export interface NodeResponse {
  write(chunk: unknown, ...rest: unknown[]): boolean;
  end(...args: unknown[]): unknown;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  readonly writableEnded?: boolean;
  readonly writableNeedDrain?: boolean;
  readonly destroyed?: boolean;
}

const known = new WeakMap<NodeResponse, NodeExchange>();

/** The exchange of a response of Node's HTTP server; always the same one for the same response. */
export function nodeExchange(res: NodeResponse): NodeExchange {
  const found = known.get(res) ?? new NodeExchange(res);
  known.set(res, found);
  return found;
}

/** Whether a value is a response of Node's HTTP server. */
export function isNodeResponse(value: unknown): value is NodeResponse {
  const res = value as Partial<NodeResponse> | null | undefined;
  return typeof res?.write === "function" && typeof res.end === "function" && typeof res.on === "function";
}

/** An exchange of Node's HTTP server: written to directly, with the `drain` of its socket. */
export class NodeExchange implements Exchange {
  readonly #gone = new AbortController();
  readonly #watches = new Watches(this.#gone.signal, () => this.drained());
  readonly #decoder = new TextDecoder();
  #filter: ResponseFilter | undefined;
  #tapped = false;
  #write: NodeResponse["write"];
  #end: NodeResponse["end"];

  constructor(private readonly res: NodeResponse) {
    this.#write = res.write.bind(res);
    this.#end = res.end.bind(res);
    if (res.destroyed === true) this.#gone.abort();
    else res.on("close", () => this.#gone.abort());
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  watch(text: string): Watch {
    this.#tap();
    return this.#watches.add(text);
  }

  write(text: string): void {
    if (!this.#over) this.#write(text);
  }

  async drained(): Promise<void> {
    const { res } = this;
    if (this.#over || res.writableNeedDrain !== true) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        res.off("drain", settle);
        res.off("close", settle);
        resolve();
      };
      res.on("drain", settle);
      res.on("close", settle);
    });
  }

  filter(filter: ResponseFilter): void {
    this.#filter = filter;
    this.#tap();
  }

  end(): void {
    if (!this.#over) this.#end();
  }

  get #over(): boolean {
    return this.#gone.signal.aborted || this.res.writableEnded === true;
  }

  /** Comes between the SDK and the response, once it is needed. */
  #tap(): void {
    if (this.#tapped) return;
    this.#tapped = true;
    const { res } = this;
    // What a middleware put there in the meantime stays below.
    this.#write = res.write.bind(res);
    this.#end = res.end.bind(res);
    res.write = (chunk, ...rest) => {
      this.#watches.show(() => this.#text(chunk));
      if (this.#filter === undefined) return this.#write(chunk, ...rest);
      const text = this.#filter.chunk(this.#text(chunk));
      return text === "" ? true : this.#write(text);
    };
    res.end = (...args) => (this.#filter?.holdsOpen() === true ? res : this.#end(...args));
  }

  #text(chunk: unknown): string {
    return chunk instanceof Uint8Array ? this.#decoder.decode(chunk) : String(chunk);
  }
}
