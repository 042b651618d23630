type Source = AbortSignal | null | undefined;

/** Those who follow one signal: one listener on it, however many there are. */
class Followers {
  static readonly #bySignal = new WeakMap<AbortSignal, Followers>();
  readonly #fns = new Set<() => void>();

  static of(source: AbortSignal): Followers {
    const known = Followers.#bySignal.get(source);
    if (known !== undefined) return known;
    const followers = new Followers(source);
    Followers.#bySignal.set(source, followers);
    return followers;
  }

  private constructor(private readonly source: AbortSignal) {}

  add(fn: () => void): void {
    if (this.#fns.size === 0) this.source.addEventListener("abort", this.#tell);
    this.#fns.add(fn);
  }

  delete(fn: () => void): void {
    this.#fns.delete(fn);
    if (this.#fns.size === 0) this.source.removeEventListener("abort", this.#tell);
  }

  readonly #tell = (): void => {
    for (const fn of [...this.#fns]) fn();
  };
}

/**
 * One signal for several, which can be let go of. A transport's own signal lives as long as the connection and is
 * followed by each of its streams; it has one listener all the same.
 */
export function followSignals(sources: readonly Source[]): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const followed = sources.flatMap((source) => (source ? [source] : []));
  if (followed.some(({ aborted }) => aborted)) abort();
  for (const source of followed) Followers.of(source).add(abort);
  return {
    signal: controller.signal,
    release() {
      for (const source of followed) Followers.of(source).delete(abort);
    },
  };
}
