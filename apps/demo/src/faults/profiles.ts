import type { FaultLevel } from "../options";

/** What can happen to a TCP connection. */
export type HttpFault = "delay" | "stall" | "cut" | "hang" | "outage";

/** How the proxy treats connections. */
export interface HttpFaults {
  /** Mean number of bytes between two faults, over all connections. */
  readonly everyBytes: number;
  /** How often each fault is drawn, relative to the others. */
  readonly weights: Readonly<Record<HttpFault, number>>;
  /** Least and greatest length, in milliseconds. */
  readonly delayMs: readonly [number, number];
  readonly stallMs: readonly [number, number];
  readonly outageMs: readonly [number, number];
}

/** How the relay treats the chunks of a pipe; shares of all chunks, 0 to 1. */
export interface StdioFaults {
  readonly split: number;
  readonly coalesce: number;
  readonly delay: number;
  readonly stall: number;
  /** Least and greatest length, in milliseconds. */
  readonly coalesceMs: readonly [number, number];
  readonly delayMs: readonly [number, number];
  readonly stallMs: readonly [number, number];
}

/** Everything that goes wrong in a run; `null`: the way is clear. */
export interface FaultProfile {
  readonly http: HttpFaults | null;
  readonly stdio: StdioFaults | null;
  /** How often one HTTP client is killed and started again. */
  readonly kills: number;
}

/** What the levels of `--faults` mean. */
export const FAULT_PROFILES: Readonly<Record<FaultLevel, FaultProfile>> = {
  none: { http: null, stdio: null, kills: 0 },
  default: {
    http: {
      everyBytes: 600_000,
      weights: { delay: 8, stall: 4, cut: 6, hang: 1, outage: 1 },
      delayMs: [20, 200],
      stallMs: [300, 1_200],
      outageMs: [200, 600],
    },
    stdio: {
      split: 0.3,
      coalesce: 0.1,
      delay: 0.1,
      stall: 0.003,
      coalesceMs: [5, 40],
      delayMs: [1, 30],
      stallMs: [300, 1_200],
    },
    kills: 3,
  },
  hard: {
    http: {
      everyBytes: 150_000,
      weights: { delay: 6, stall: 4, cut: 10, hang: 2, outage: 2 },
      delayMs: [20, 400],
      stallMs: [300, 3_000],
      outageMs: [200, 1_500],
    },
    stdio: {
      split: 0.6,
      coalesce: 0.2,
      delay: 0.2,
      stall: 0.01,
      coalesceMs: [5, 80],
      delayMs: [1, 60],
      stallMs: [500, 3_000],
    },
    kills: 8,
  },
};
