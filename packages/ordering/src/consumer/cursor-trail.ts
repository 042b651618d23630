const LIMIT = 512;

/** Cursors by the position they stand for: the newest one at or before a position is found again. Bounded. */
export class CursorTrail {
  readonly #marks: { at: number; cursor: string }[] = [];

  /** Remembers that `cursor` stands for `at`. Out of order it is ignored: an older cursor is as good, only longer. */
  note(at: number, cursor: string | null | undefined): void {
    if (cursor === null || cursor === undefined) return;
    const last = this.#marks.at(-1);
    if (last !== undefined && at < last.at) return;
    if (last !== undefined && (at === last.at || this.#marks.length >= LIMIT)) this.#marks.pop();
    this.#marks.push({ at, cursor });
  }

  /** The newest cursor at or before `position`. */
  find(position: number): { at: number; cursor: string } | undefined {
    for (let index = this.#marks.length - 1; index >= 0; index -= 1) {
      const mark = this.#marks[index];
      if (mark !== undefined && mark.at <= position) return mark;
    }
    return undefined;
  }

  /** The newest cursor at or before `position`; forgets the older ones. */
  advance(position: number): { at: number; cursor: string } | undefined {
    let drop = 0;
    while (drop + 1 < this.#marks.length && (this.#marks[drop + 1]?.at ?? 0) <= position) drop += 1;
    if (drop > 0) this.#marks.splice(0, drop);
    const first = this.#marks[0];
    return first !== undefined && first.at <= position ? first : undefined;
  }
}
