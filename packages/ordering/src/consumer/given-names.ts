/** An event by its id, and where it was handed out. */
export interface Named {
  readonly id: string;
  readonly seq: number;
}

/** Names kept before the first look at which of them are still needed. */
const FIRST_LOOK = 64;

/**
 * The names of what was handed out after the cursor from which a consumer would ask: a log that goes on from it
 * (`continues`) gives those events again, under numbers that say nothing of the ones before.
 */
export class GivenNames<T extends Named> {
  readonly #earlier = new Map<string, T>();
  #given: T[] = [];
  #lookAt = FIRST_LOOK;

  /** @param earlier - What was handed out in the eras before, and may be given again in this one. */
  constructor(earlier: readonly T[] = []) {
    for (const named of earlier) this.#earlier.set(named.id, named);
  }

  /**
   * Remembers an event.
   *
   * @param needed - Asked now and then whether an event still lies after the cursor.
   */
  note(named: T, needed: (named: T) => boolean): void {
    this.#given.push(named);
    if (this.#given.length < this.#lookAt) return;
    this.#given = this.#given.filter(needed);
    this.#lookAt = Math.max(FIRST_LOOK, 2 * this.#given.length);
  }

  /** The copy of an event that an era before gave. */
  earlier(id: string | undefined): T | undefined {
    return id === undefined ? undefined : this.#earlier.get(id);
  }

  /** The same, once. */
  takeEarlier(id: string | undefined): T | undefined {
    const named = this.earlier(id);
    if (named !== undefined) this.#earlier.delete(named.id);
    return named;
  }

  /** Nothing of the eras before is given again. */
  forgetEarlier(): void {
    this.#earlier.clear();
  }

  /** What may be given again by a log that goes on from the cursor, oldest first. */
  list(needed: (named: T) => boolean): T[] {
    return [...this.#earlier.values(), ...this.#given.filter(needed)];
  }
}
