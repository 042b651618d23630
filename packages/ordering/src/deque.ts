const COMPACT_AT = 256;

/**
 * A list that grows at the back and is cut at the front, both O(1) amortised. An item keeps its index for life:
 * `first` is the index of the oldest item left.
 */
export class Deque<T> {
  #items: (T | undefined)[] = [];
  #start = 0;
  #first = 0;

  /** Index of the oldest item. */
  get first(): number {
    return this.#first;
  }

  /** One more than the index of the newest item. */
  get end(): number {
    return this.#first + this.size;
  }

  get size(): number {
    return this.#items.length - this.#start;
  }

  /** The item at an index; `undefined` outside of `first` … `end - 1`. */
  at(index: number): T | undefined {
    return index < this.#first ? undefined : this.#items[index - this.#first + this.#start];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes and returns the oldest item. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#start];
    this.#items[this.#start] = undefined;
    this.#start += 1;
    this.#first += 1;
    if (this.#start >= COMPACT_AT && this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  /** Index of the first item for which `reached` holds, given that it holds for all later ones; `end` when for none. */
  search(reached: (item: T) => boolean): number {
    let low = this.#first;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (reached(this.at(middle) as T)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
