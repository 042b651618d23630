/** Most entries of one append: each message of the stream has room for so many numbers (decision 0015). */
export const MAX_ENTRIES = 4_096;

/** The number of an entry: its message's sequence in the stream, and its place in the batch. */
export function numberOf(message: number, index: number): number {
  return message * MAX_ENTRIES + index;
}

/** The last number that an entry of a message could have. */
export function lastNumberOf(message: number): number {
  return message * MAX_ENTRIES + MAX_ENTRIES - 1;
}
