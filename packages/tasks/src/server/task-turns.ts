/** Runs what changes one task one after the other, and different tasks side by side. */
export class TaskTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `fn` after everything begun before for the task, whatever came of that. */
  run<T>(taskId: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(taskId);
    const mine = before === undefined ? fn() : before.then(fn);
    const over: Promise<void> = mine.then(
      () => this.#leave(taskId, over),
      () => this.#leave(taskId, over),
    );
    this.#last.set(taskId, over);
    return mine;
  }

  #leave(taskId: string, over: Promise<void>): void {
    if (this.#last.get(taskId) === over) this.#last.delete(taskId);
  }
}
