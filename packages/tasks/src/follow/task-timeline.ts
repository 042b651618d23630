import { isTerminal, sameState, type TaskState } from "../task-state";

type Source = "event" | "tasks/get";

/**
 * Merges what events and answers of `tasks/get` say of one task into one line of states that never goes back: no state
 * twice, none that is older than the one before, none after the last.
 */
export class TaskTimeline {
  #current: TaskState;
  #source: Source = "tasks/get";
  #version = 0;

  /** @param created - The task as its creation was answered. */
  constructor(created: TaskState) {
    this.#current = created;
  }

  get current(): TaskState {
    return this.#current;
  }

  /** Whether nothing follows. */
  get isOver(): boolean {
    return isTerminal(this.#current.status);
  }

  /** To be taken before `tasks/get` is asked. */
  get mark(): number {
    return this.#version;
  }

  /** Takes an event's state, in the order of the log; the new current state, or `undefined` when that is no news. */
  fromEvent(state: TaskState): TaskState | undefined {
    if (this.isOver) return undefined;
    const next = this.#withProgress(state);
    // Here the events have caught up with the answer: those that follow are news.
    if (sameState(next, this.#current)) this.#source = "event";
    if (!isTerminal(next.status) && this.#isBehindAnswer(next)) {
      // How far the task has come is told by events alone.
      return this.#adopt({ ...this.#current, progress: next.progress }, this.#source);
    }
    return this.#adopt(next, "event");
  }

  /**
   * Takes an answer of `tasks/get`, as {@link fromEvent} does.
   *
   * @param mark - What {@link mark} was when it was asked.
   */
  fromAnswer(state: TaskState, mark: number): TaskState | undefined {
    if (this.isOver) return undefined;
    const next = this.#withProgress(state);
    const overtaken = mark < this.#version && !(timeOf(next) > timeOf(this.#current));
    if (overtaken && !isTerminal(next.status)) return undefined;
    return this.#adopt(next, "tasks/get");
  }

  #adopt(next: TaskState, source: Source): TaskState | undefined {
    if (sameState(next, this.#current)) return undefined;
    this.#current = next;
    this.#source = source;
    this.#version += 1;
    return next;
  }

  /** Whether an event tells what an answer went beyond: answers overtake the events before them. */
  #isBehindAnswer(next: TaskState): boolean {
    if (this.#source === "event") return false;
    const ahead = timeOf(this.#current) - timeOf(next);
    if (ahead !== 0) return ahead > 0;
    const { status, statusMessage } = this.#current;
    return status !== next.status || statusMessage !== next.statusMessage;
  }

  #withProgress(state: TaskState): TaskState {
    const progress = state.progress ?? this.#current.progress;
    return progress === undefined ? state : { ...state, progress };
  }
}

function timeOf({ lastUpdatedAt }: TaskState): number {
  return Date.parse(lastUpdatedAt);
}
