import { InvalidArgumentError } from "commander";

/** Longest delay a timer takes, and so the largest number of milliseconds that is accepted. */
const MAX_MS = 2 ** 31 - 1;

/** A parser of whole numbers for commander. @throws InvalidArgumentError outside `low` … `high`. */
export function wholeNumber(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= low && value <= high) return value;
    const range = high === Number.MAX_SAFE_INTEGER ? `from ${low} on` : `in ${low} … ${high}`;
    throw new InvalidArgumentError(`A whole number ${range} is wanted.`);
  };
}

/** As {@link wholeNumber}, for milliseconds that a timer can wait. */
export function milliseconds(low: number): (text: string) => number {
  return wholeNumber(low, MAX_MS);
}
