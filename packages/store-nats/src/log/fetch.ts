import type { Entry } from "@mcp-events/ordering";
import type { Connection } from "../connection";
import { type Kept, wholeEntry } from "./kept";
import { type BatchPart, decodePart } from "./message";

const REMEMBERED = 32;
const AT_ONCE = 8;

/** Fetches entries that are no longer in memory. */
export class Fetcher {
  readonly #parts = new Map<number, BatchPart>();

  constructor(
    private readonly connection: Connection,
    private readonly stream: string,
  ) {}

  /** The entries; `undefined` when one of them is no longer in the stream. */
  async load(kept: readonly Kept[]): Promise<Entry[] | undefined> {
    const messages = [
      ...new Set(kept.filter(({ entry }) => entry === undefined).map(({ place }) => place.message)),
    ];
    const parts = new Map<number, BatchPart>();
    for (let from = 0; from < messages.length; from += AT_ONCE) {
      const group = messages.slice(from, from + AT_ONCE);
      const loaded = await Promise.all(group.map((message) => this.#part(message)));
      for (const [index, part] of loaded.entries()) {
        if (part === undefined) return undefined;
        parts.set(group[index]!, part);
      }
    }
    return kept.map(
      (one) => one.entry ?? wholeEntry(parts.get(one.place.message)!.entries[one.place.index]!, one),
    );
  }

  async #part(message: number): Promise<BatchPart | undefined> {
    const known = this.#parts.get(message);
    if (known !== undefined) return known;
    const { jsm } = await this.connection.get();
    const stored = await jsm.streams.getMessage(this.stream, { seq: message });
    const part = stored === null ? undefined : decodePart(stored.string());
    if (part === undefined) return undefined;
    this.#parts.set(message, part);
    if (this.#parts.size > REMEMBERED) this.#parts.delete(this.#parts.keys().next().value!);
    return part;
  }
}
