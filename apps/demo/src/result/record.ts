import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** One event as the emitter wrote it down, when it handed it to the log. */
export interface Emitted {
  /** How many events had been handed to the log before this one. */
  readonly call: number;
  readonly eventId: string;
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
  /** {@link digestOf} its payload. */
  readonly digest: string;
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly emittedAt: number;
}

/** One event as a client's handler wrote it down. */
export interface Observed {
  readonly eventId: string;
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
  readonly digest: string;
  /** Milliseconds since the Unix epoch, with fractions; the same machine's clock as `emittedAt`. */
  readonly handledAt: number;
}

/** A gap as a client's handler was told of it. */
export interface ObservedGap {
  /** Its reason. */
  readonly gap: string;
}

/** What is compared of a payload: a hash of its JSON text. */
export function digestOf(payloadText: string): string {
  return createHash("sha256").update(payloadText).digest("base64url").slice(0, 22);
}

/** The time of all processes of a run, in milliseconds with fractions. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Appends one line; in the hands of the operating system when it returns, so that a killed process leaves it behind. */
export function appendLine(file: string, value: unknown): void {
  appendFileSync(file, `${JSON.stringify(value)}\n`);
}

/** Reads the complete lines of a file; a last one that a killed process left unfinished does not count. */
export function readLines<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  return complete
    .split("\n")
    .filter((line) => line !== "")
    .map((line): T => JSON.parse(line));
}
