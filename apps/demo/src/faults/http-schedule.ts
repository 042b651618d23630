import { exponential, integerBetween, type Random } from "../random";
import type { HttpFault, HttpFaults } from "./profiles";

/** One fault, drawn. */
export interface DueFault {
  readonly fault: HttpFault;
  /** How long it lasts, in milliseconds; 0 for faults that do not end by themselves. */
  readonly ms: number;
  /** Share (0 to 1) of the chunk that still passes when the connection is cut inside it. */
  readonly share: number;
}

/** Draws what happens after how many bytes; it counts bytes, not time, so that a busy path meets more of it. */
export class HttpFaultSchedule {
  #bytesLeft: number;
  readonly #lots: readonly HttpFault[];

  constructor(
    private readonly faults: HttpFaults,
    private readonly random: Random,
  ) {
    this.#bytesLeft = exponential(random, faults.everyBytes);
    this.#lots = Object.entries(faults.weights).flatMap(([fault, weight]) =>
      Array.from({ length: weight }, () => fault as HttpFault),
    );
  }

  /** Counts a chunk; the fault that falls into it, if one does. */
  advance(bytes: number): DueFault | undefined {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft > 0) return undefined;
    this.#bytesLeft = exponential(this.random, this.faults.everyBytes);
    const fault = this.#lots[Math.floor(this.random() * this.#lots.length)] ?? "cut";
    return { fault, ms: this.#lengthOf(fault), share: this.random() };
  }

  #lengthOf(fault: HttpFault): number {
    const { delayMs, stallMs, outageMs } = this.faults;
    if (fault === "delay") return integerBetween(this.random, ...delayMs);
    if (fault === "stall") return integerBetween(this.random, ...stallMs);
    if (fault === "outage") return integerBetween(this.random, ...outageMs);
    return 0;
  }
}
