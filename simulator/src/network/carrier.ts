import type { Link } from "./link";
import { Pipe } from "./pipe";

/** How single messages travel between a client and the server. */
export interface Carrier {
  /** A stream has an exchange of its own, beside everything else. */
  readonly kind: "http" | "stdio";
  toServer(what: string, arrive: () => void): void;
  toClient(what: string, arrive: () => void): void;
  /** The pipe that carries a stream's notifications. */
  streamPipe(): Pipe;
}

/** Every request and every stream by itself, as over HTTP: each may be lost, late, or overtaken. */
export class HttpCarrier implements Carrier {
  readonly kind = "http";

  constructor(private readonly link: Link) {}

  toServer(what: string, arrive: () => void): void {
    const { world } = this.link;
    if (this.link.blocks(what) || world.strikes("requestLost", "request lost", () => what)) return;
    world.loop.after(this.link.delay(what), arrive);
  }

  toClient(what: string, arrive: () => void): void {
    const { world } = this.link;
    if (this.link.blocks(what) || world.strikes("answerLost", "answer lost", () => what)) return;
    world.loop.after(this.link.delay(what), arrive);
  }

  streamPipe(): Pipe {
    return new Pipe(this.link);
  }
}

/** One duplex pipe for everything, as over stdio: in order, nothing lost, until all of it breaks. */
export class StdioCarrier implements Carrier {
  readonly kind = "stdio";
  readonly #up: Pipe;
  readonly #down: Pipe;

  constructor(link: Link) {
    this.#up = new Pipe(link);
    this.#down = new Pipe(link);
  }

  toServer(_what: string, arrive: () => void): void {
    this.#up.send(arrive);
  }

  toClient(_what: string, arrive: () => void): void {
    this.#down.send(arrive);
  }

  streamPipe(): Pipe {
    return this.#down;
  }

  stall(ms: number): void {
    this.#up.stall(ms);
    this.#down.stall(ms);
  }

  cut(): void {
    this.#up.cut();
    this.#down.cut();
    this.#up.silence();
    this.#down.silence();
  }
}
