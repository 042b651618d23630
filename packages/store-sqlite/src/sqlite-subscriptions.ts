import type {
  Lease,
  StoredPlace,
  StoredSubscription,
  SubscriptionStore,
  WriteGuard,
} from "@mcp-events/ordering";
import type { SecretBox } from "./secret-box";
import type { SqliteFile } from "./sqlite-file";
import { type SubscriptionRow, SubscriptionRows } from "./subscription-rows";

/** Webhook subscriptions in the file. */
export class SqliteSubscriptions implements SubscriptionStore {
  readonly #rows: SubscriptionRows;
  readonly #listeners = new Set<(id: string) => void>();

  constructor(
    private readonly file: SqliteFile,
    private readonly secrets: SecretBox,
    private readonly now: () => number,
  ) {
    this.#rows = new SubscriptionRows(file.db);
  }

  get(id: string): StoredSubscription | undefined {
    return this.#read(() => this.#stored(this.#rows.get(id)));
  }

  create(subscription: StoredSubscription, place: StoredPlace, owner: string): Promise<Lease | undefined> {
    const { id } = subscription;
    return this.#write(() => {
      if (this.#rows.get(id) !== undefined) return undefined;
      const token = this.#rows.next();
      const revision = this.#rows.next();
      this.#rows.add({ ...this.#record(subscription), revision, token, owner, place: JSON.stringify(place) });
      this.#changed(id);
      return { token, subscription: { ...subscription, revision } };
    });
  }

  put(subscription: StoredSubscription, token?: number): Promise<number | undefined> {
    const { id, revision } = subscription;
    return this.#write(() => {
      if (revision === undefined || !holds(this.#rows.get(id), { revision, token })) return undefined;
      const next = this.#rows.next();
      this.#rows.put({ ...this.#record(subscription), revision: next });
      this.#changed(id);
      return next;
    });
  }

  delete(id: string, guard: WriteGuard = {}): Promise<boolean> {
    return this.#write(() => {
      if (!holds(this.#rows.get(id), guard)) return false;
      this.#rows.delete(id);
      this.#changed(id);
      return true;
    });
  }

  page(
    after: string | undefined,
    limit: number,
    { unowned = false }: { readonly unowned?: boolean | undefined } = {},
  ): readonly StoredSubscription[] {
    return this.#read(() =>
      this.#rows
        .page(after ?? "", limit, unowned ? this.now() : undefined)
        .map((row) => this.#stored(row) as StoredSubscription),
    );
  }

  lease(
    id: string,
    owner: string,
    { takeOver = false }: { readonly takeOver?: boolean | undefined } = {},
  ): Promise<Lease | undefined> {
    return this.#write(() => {
      const row = this.#rows.get(id);
      if (row === undefined) return undefined;
      if (!takeOver && row.owner !== owner && this.#rows.lives(row.owner, this.now())) return undefined;
      const subscription = this.#stored(row) as StoredSubscription;
      const token = this.#rows.next();
      this.#rows.own(id, token, owner);
      return { token, subscription };
    });
  }

  release(id: string, token: number): Promise<void> {
    return this.#write(() => {
      const row = this.#rows.get(id);
      if (!holds(row, { token }) || row.owner === null) return;
      this.#rows.own(id, token, null);
      this.#changed(id);
    });
  }

  renew(owner: string, ttlMs: number): Promise<boolean> {
    return this.#write(() => {
      const until = this.#rows.until(owner);
      this.#rows.renew(owner, this.now() + ttlMs);
      return until === undefined || until > this.now();
    });
  }

  retire(owner: string): Promise<void> {
    return this.#write(() => {
      for (const id of this.#rows.retire(owner)) this.#changed(id);
    });
  }

  place(id: string): StoredPlace | undefined {
    return this.#read(() => {
      const row = this.#rows.get(id);
      return row && (JSON.parse(row.place) as StoredPlace);
    });
  }

  savePlace(id: string, token: number, place: StoredPlace): Promise<boolean> {
    return this.#write(() => this.#rows.savePlace(id, token, JSON.stringify(place)));
  }

  watch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #record({ secrets, revision: _, ...record }: StoredSubscription) {
    const { id } = record;
    return {
      id,
      record: JSON.stringify(record),
      secrets: this.secrets.seal(secrets, id),
      secret_key: this.secrets.keyId,
    };
  }

  #stored(row: SubscriptionRow | undefined): StoredSubscription | undefined {
    if (row === undefined) return undefined;
    const { id, record, secrets, secret_key, revision } = row;
    return { ...JSON.parse(record), secrets: this.secrets.open(secrets, secret_key, id), revision };
  }

  #read<T>(fn: () => T): T {
    this.file.requireOpen("subscriptions");
    return this.file.guard(fn);
  }

  async #write<T>(run: () => T): Promise<T> {
    this.file.requireOpen("subscriptions");
    return this.file.writer.write(run);
  }

  #changed(id: string): void {
    this.file.writer.afterCommit(() => {
      for (const listener of this.#listeners) {
        try {
          listener(id);
        } catch {}
      }
    });
  }
}

function holds(row: SubscriptionRow | undefined, { revision, token }: WriteGuard): row is SubscriptionRow {
  if (row === undefined) return false;
  if (revision !== undefined && row.revision !== revision) return false;
  return token === undefined || row.token === token;
}
