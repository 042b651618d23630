import type { Control } from "../controls/control";
import { EventLoop } from "./event-loop";
import type { Coverage, FaultKind } from "./faults";
import type { Random } from "./random";

/** Probabilities of what happens by itself, each for one message, post, call or item. */
export interface Rates {
  readonly requestLost: number;
  readonly answerLost: number;
  readonly delayed: number;
  readonly streamCut: number;
  readonly postLost: number;
  readonly postDuplicated: number;
  readonly postLate: number;
  readonly postAnswerLost: number;
  readonly answers503: number;
  readonly answers500: number;
  readonly answers413: number;
  readonly positionNotStored: number;
  readonly appendFailed: number;
  readonly storeFailed: number;
  readonly matchFailed: number;
  readonly handlerFailed: number;
}

/** No rate at all. */
export const CALM: Rates = {
  requestLost: 0,
  answerLost: 0,
  delayed: 0,
  streamCut: 0,
  postLost: 0,
  postDuplicated: 0,
  postLate: 0,
  postAnswerLost: 0,
  answers503: 0,
  answers500: 0,
  answers413: 0,
  positionNotStored: 0,
  appendFailed: 0,
  storeFailed: 0,
  matchFailed: 0,
  handlerFailed: 0,
};

/** What one run shares: time, chance, what goes wrong, and what is written down of it. */
export class World {
  readonly loop = new EventLoop();
  readonly coverage: Coverage = {};
  readonly trace: string[] = [];
  readonly violations: string[] = [];
  rates: Rates;
  /** Number of the last entry of the log; for controls. */
  head: () => number = () => 0;
  #counted = 0;

  constructor(
    readonly random: Random,
    rates: Rates,
    private readonly isTraced: boolean,
    /** What is done wrong on purpose. */
    readonly control?: Control | undefined,
  ) {
    this.rates = rates;
  }

  /** A number that nothing else of the run has. */
  number(): number {
    this.#counted += 1;
    return this.#counted;
  }

  /** Writes a line of the trace. */
  tell(line: () => string): void {
    if (this.isTraced) this.trace.push(`${String(Math.round(this.loop.now)).padStart(6)} ${line()}`);
  }

  /** Counts a fault. */
  fault(kind: FaultKind, line?: () => string): void {
    this.coverage[kind] = (this.coverage[kind] ?? 0) + 1;
    this.tell(() => `! ${kind}${line === undefined ? "" : ` ${line()}`}`);
  }

  /** Whether something of this rate happens now; if so it is counted. */
  strikes(rate: keyof Rates, kind: FaultKind, line?: () => string): boolean {
    if (!this.random.chance(this.rates[rate])) return false;
    this.fault(kind, line);
    return true;
  }

  /** Something that the contract forbids happened. */
  violate(what: string): void {
    this.tell(() => `VIOLATED ${what}`);
    this.violations.push(what);
  }

  /** Nothing goes wrong by itself any more. */
  heal(): void {
    this.rates = CALM;
    this.tell(() => "---- healed");
  }
}
