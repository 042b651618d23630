import type { EventLog } from "./contracts";

type Listener = () => void;

/** One watch of a log, handed on by event type: an append wakes the views of its types only. */
class NameWatch {
  readonly #listeners = new Map<string, Set<Listener>>();
  #stop: (() => void) | undefined;

  constructor(private readonly log: EventLog) {}

  add(name: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    this.#stop ??= this.log.watch((names) => this.#wake(names));
    return () => this.#remove(name, listener);
  }

  #remove(name: string, listener: Listener): void {
    const listeners = this.#listeners.get(name);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#listeners.delete(name);
    if (this.#listeners.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #wake(names: ReadonlySet<string>): void {
    for (const name of names) {
      for (const listener of this.#listeners.get(name) ?? []) listener();
    }
  }
}

const watches = new WeakMap<EventLog, NameWatch>();

/** Calls `listener` after appends of event type `name`; the returned function stops it. */
export function watchName(log: EventLog, name: string, listener: Listener): () => void {
  let watch = watches.get(log);
  if (watch === undefined) {
    watch = new NameWatch(log);
    watches.set(log, watch);
  }
  return watch.add(name, listener);
}
