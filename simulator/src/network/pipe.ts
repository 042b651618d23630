import type { Link } from "./link";

/** Waiting messages from which on a writer waits. */
const HIGH_WATER = 12;
/** How often a message is sent again that a partition swallowed, in milliseconds. */
const RETRANSMIT_MS = 40;

/** One direction of a reliable byte stream: in order, nothing lost, until it breaks. */
export class Pipe {
  #waiting: (() => void)[] = [];
  #isRunning = false;
  #isSilent = false;
  #stalledUntil = 0;
  #room: (() => void)[] = [];

  constructor(private readonly link: Link) {}

  /** Delivers after everything sent before. */
  send(deliver: () => void): void {
    this.#waiting.push(deliver);
    this.#run();
  }

  /** Nothing arrives for `ms` milliseconds; then everything does. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.link.world.loop.now + ms);
  }

  /** Nothing arrives any more, and nobody is told. */
  silence(): void {
    this.#isSilent = true;
  }

  /** It broke: what is on its way is lost. */
  cut(): void {
    this.#waiting = [];
    this.#letOn();
  }

  /** Resolves when there is room, or `signal` aborts; `undefined` when there is room now. */
  room(signal: AbortSignal): Promise<void> | undefined {
    if (this.#waiting.length < HIGH_WATER || signal.aborted) return undefined;
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener("abort", go);
        resolve();
      };
      this.#room.push(go);
      signal.addEventListener("abort", go, { once: true });
    });
  }

  #run(): void {
    if (this.#isRunning || this.#isSilent || this.#waiting.length === 0) return;
    this.#isRunning = true;
    const { loop, random } = this.link.world;
    loop.after(Math.max(this.#stalledUntil - loop.now, random.between(0, 3)), () => {
      this.#isRunning = false;
      this.#arrive();
    });
  }

  #arrive(): void {
    const { loop } = this.link.world;
    if (this.#isSilent || this.#stalledUntil > loop.now) {
      this.#run();
      return;
    }
    if (this.#waiting.length > 0 && this.link.blocks("a message waits")) {
      this.stall(RETRANSMIT_MS);
      this.#run();
      return;
    }
    const deliver = this.#waiting.shift();
    this.#letOn();
    deliver?.();
    this.#run();
  }

  #letOn(): void {
    if (this.#waiting.length >= HIGH_WATER) return;
    for (const resolve of this.#room.splice(0)) resolve();
  }
}
