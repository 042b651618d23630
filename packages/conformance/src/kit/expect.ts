import { Untestable, Violation } from "./check";

/** A JSON value as it came off the wire, nothing of it checked. */
// biome-ignore lint/suspicious/noExplicitAny: what a server under test sends may be anything
export type Wire = any;

/** @throws Violation unless the condition holds. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Violation(message);
}

/** @throws Untestable unless the condition holds. */
export function needs(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Untestable(reason);
}

/** @throws Violation unless the two are equal as JSON. */
export function same(actual: unknown, expected: unknown, what: string): void {
  must(
    JSON.stringify(actual) === JSON.stringify(expected),
    `${what}: expected ${show(expected)}, got ${show(actual)}`,
  );
}

/** A value as JSON, cut to what a person reads. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

/** Whether it is a JSON object. */
export function isObject(value: unknown): value is Record<string, Wire> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
