import { nextTurn } from "@mcp-events/protocol";
import type { Watch } from "./exchange";

/** Turns of the event loop in which a chunk must come through when nothing holds it up. */
const PATIENCE_TURNS = 32;

/** What is looked out for on one response. */
export class Watches {
  readonly #texts = new Set<{ readonly text: string; seen: boolean }>();

  constructor(
    private readonly gone: AbortSignal,
    private readonly drained: () => Promise<void>,
  ) {}

  /** Shows a chunk to whoever looks out. */
  show(chunk: () => string): void {
    if (this.#texts.size === 0) return;
    const shown = chunk();
    for (const watch of this.#texts) {
      if (!shown.includes(watch.text)) continue;
      watch.seen = true;
      this.#texts.delete(watch);
    }
  }

  add(text: string): Watch {
    const watch = { text, seen: false };
    this.#texts.add(watch);
    return { seen: () => this.#wait(watch) };
  }

  async #wait(watch: { readonly text: string; seen: boolean }): Promise<boolean> {
    for (let turn = 0; turn < PATIENCE_TURNS && !watch.seen && !this.gone.aborted; turn += 1) {
      await this.drained();
      await nextTurn();
    }
    this.#texts.delete(watch);
    return watch.seen;
  }
}
