import { EventsError } from "@mcp-events/protocol";
import type {
  DeadLetter,
  DeadLetterStore,
  SettledPlace,
  StoredSubscription,
  SubscriptionStore,
  WebhookStore,
} from "./webhook-store";

/** A store whose methods answer at once. */
type AtOnce<S> = {
  readonly [M in keyof S]: S[M] extends (...args: infer A) => infer R ? (...args: A) => Awaited<R> : S[M];
};

/** A {@link WebhookStore} that answers at once. */
export interface MemoryWebhooks extends WebhookStore {
  readonly subscriptions: AtOnce<SubscriptionStore>;
  readonly deadLetters: AtOnce<DeadLetterStore>;
}

/** Options of {@link memoryWebhooks}. */
export interface MemoryWebhooksOptions {
  /** Most dead letters kept; the oldest leave. Default 10,000. */
  readonly maxDeadLetters?: number | undefined;
}

/** Defaults of {@link memoryWebhooks}. */
export const MEMORY_WEBHOOKS_DEFAULTS = { maxDeadLetters: 10_000 } as const;

/**
 * Webhook subscriptions and dead letters that live as long as the process.
 *
 * @throws EventsError `option_invalid` when `maxDeadLetters` is not a positive integer.
 */
export function memoryWebhooks(options: MemoryWebhooksOptions = {}): MemoryWebhooks {
  const maxDeadLetters = options.maxDeadLetters ?? MEMORY_WEBHOOKS_DEFAULTS.maxDeadLetters;
  if (!Number.isInteger(maxDeadLetters) || maxDeadLetters < 1) {
    throw new EventsError(
      "option_invalid",
      `memoryWebhooks: maxDeadLetters must be a positive integer, not ${maxDeadLetters}`,
    );
  }
  return { subscriptions: new MemorySubscriptions(), deadLetters: new MemoryDeadLetters(maxDeadLetters) };
}

interface Kept {
  subscription: StoredSubscription;
  place: SettledPlace | undefined;
  /** The owner's; 0 before there is one. */
  token: number;
}

class MemorySubscriptions implements AtOnce<SubscriptionStore> {
  readonly #byId = new Map<string, Kept>();
  /** All ids in order. */
  readonly #ids: string[] = [];
  /** Counts over all ids, so that a token from before a delete is never the owner's again. */
  #tokens = 0;

  get(id: string): StoredSubscription | undefined {
    return this.#byId.get(id)?.subscription;
  }

  put(subscription: StoredSubscription): void {
    const { id } = subscription;
    const kept = this.#byId.get(id);
    if (kept !== undefined) {
      kept.subscription = subscription;
      return;
    }
    this.#byId.set(id, { subscription, place: undefined, token: 0 });
    this.#ids.splice(this.#search(id), 0, id);
  }

  delete(id: string): void {
    if (this.#byId.delete(id)) this.#ids.splice(this.#search(id), 1);
  }

  page(after: string | undefined, limit: number): readonly StoredSubscription[] {
    let from = 0;
    if (after !== undefined) {
      from = this.#search(after);
      if (this.#ids[from] === after) from += 1;
    }
    return this.#ids.slice(from, from + limit).map((id) => this.#byId.get(id)!.subscription);
  }

  takeOver(id: string): number {
    this.#tokens += 1;
    const kept = this.#byId.get(id);
    if (kept !== undefined) kept.token = this.#tokens;
    return this.#tokens;
  }

  place(id: string): SettledPlace | undefined {
    return this.#byId.get(id)?.place;
  }

  savePlace(id: string, token: number, place: SettledPlace): boolean {
    const kept = this.#byId.get(id);
    if (kept === undefined || kept.token !== token) return false;
    kept.place = place;
    return true;
  }

  /** Where `id` is among the ids, or would be. */
  #search(id: string): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class MemoryDeadLetters implements AtOnce<DeadLetterStore> {
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
