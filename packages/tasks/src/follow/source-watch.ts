import type { Subscription, SubscriptionEvent } from "@mcp-events/client";
import type { Logger } from "@mcp-events/protocol";
import type { TaskEventSource } from "../event-source";
import { readTaskState, type TaskState } from "../task-state";
import type { FollowTaskOptions } from "./options";

/** What a {@link SourceWatch} tells. */
export interface SourceNews {
  /** An event says how the task is. */
  state(state: TaskState): void;
  /** The task may have changed, and only `tasks/get` can say how: an event of another kind, a gap, or the end. */
  hint(): void;
}

/** One subscription to a task's event source. Whatever becomes of it, it never fails the task (TASK-1). */
export class SourceWatch {
  #subscription: Subscription | undefined;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    private readonly options: Pick<FollowTaskOptions, "events" | "subscribe" | "onEvent">,
    private readonly taskId: string,
    source: TaskEventSource,
    private readonly news: SourceNews,
    private readonly logger: Logger,
  ) {
    this.#running = this.#run(source);
  }

  /** Whether events come at present. */
  get live(): boolean {
    return this.#subscription?.state === "live";
  }

  /** Whether events may still come. */
  get open(): boolean {
    return !this.#over.signal.aborted;
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#running;
  }

  async #run({ name, input, initialCursor }: TaskEventSource): Promise<void> {
    const { taskId } = this;
    const { signal } = this.#over;
    const { events, subscribe } = this.options;
    try {
      const options = { ...subscribe, cursor: initialCursor, signal };
      this.#subscription = await events.subscribe(name, input, options);
      for await (const item of this.#subscription) {
        if (item.kind === "event") this.#take(item);
        else this.news.hint();
      }
    } catch (error) {
      this.logger.info("the events of a task ended; it is asked for instead", { taskId, error });
    }
    await this.#leave();
  }

  #take(event: SubscriptionEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      this.logger.error("onEvent threw", { taskId: this.taskId, error });
    }
    const state = readTaskState(event.data, this.taskId);
    if (state === undefined) this.news.hint();
    else this.news.state(state);
  }

  async #leave(): Promise<void> {
    this.#over.abort();
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.news.hint();
    await subscription?.close().catch((error: unknown) => {
      this.logger.warn("a task's subscription was not closed", { taskId: this.taskId, error });
    });
  }
}
