import type { AtOnce } from "./at-once";
import type { DeadLetter, DeadLetterStore } from "./webhook-store";

/** Dead letters in memory; at most `max`, the oldest leave. */
export class MemoryDeadLetters implements AtOnce<DeadLetterStore> {
  /** Oldest first. */
  readonly #letters = new Map<string, { readonly at: number; letter: DeadLetter }>();
  /** Where the latest that were deleted stood: who lists and deletes goes on from there. */
  readonly #deleted = new Map<string, number>();
  #count = 0;

  constructor(private readonly max: number) {}

  add(letter: DeadLetter): void {
    const known = this.#letters.get(letter.id);
    if (known !== undefined) {
      known.letter = letter;
      return;
    }
    this.#count += 1;
    this.#deleted.delete(letter.id);
    this.#letters.set(letter.id, { at: this.#count, letter });
    dropOldest(this.#letters, this.max);
  }

  get(id: string): DeadLetter | undefined {
    return this.#letters.get(id)?.letter;
  }

  page(request: {
    readonly subscriptionId?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): readonly DeadLetter[] {
    const { subscriptionId, after = "", limit } = request;
    const from = this.#letters.get(after)?.at ?? this.#deleted.get(after) ?? 0;
    const page: DeadLetter[] = [];
    for (const { at, letter } of this.#letters.values()) {
      if (page.length >= limit) break;
      if (at <= from) continue;
      if (subscriptionId === undefined || letter.subscriptionId === subscriptionId) page.push(letter);
    }
    return page;
  }

  delete(id: string): boolean {
    const kept = this.#letters.get(id);
    if (kept === undefined) return false;
    this.#letters.delete(id);
    this.#deleted.set(id, kept.at);
    dropOldest(this.#deleted, this.max);
    return true;
  }
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  if (map.size > max) map.delete(map.keys().next().value!);
}
