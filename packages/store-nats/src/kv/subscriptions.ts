import type {
  Lease,
  StoredPlace,
  StoredSubscription,
  SubscriptionStore,
  WriteGuard,
} from "@mcp-events/ordering";
import type { Connection } from "../connection";
import { token as keyOf } from "../names";
import { BucketMirror } from "./bucket-mirror";
import { Cell } from "./cas";
import { Owners } from "./owners";
import { Places } from "./places";
import { holds, isLive, nextCount, opened, type SubscriptionRecord, sealed } from "./record";
import type { Sealing } from "./sealing";

const BUCKET = "subscriptions";
/** How long what was deleted is remembered, so that its tokens never come again. */
const REMEMBER_MS = 60 * 60 * 1000;

/** Webhook subscriptions in buckets of JetStream; every write of a record is a compare-and-set. */
export class NatsSubscriptions implements SubscriptionStore {
  readonly #records: Cell<SubscriptionRecord>;
  readonly #places: Places;
  readonly #owners: Owners;
  /** Records by id, for listing and watching. */
  readonly #mirror: BucketMirror<{ readonly id: string; readonly record: SubscriptionRecord }>;
  readonly #listeners = new Set<(id: string) => void>();
  #tidiedAt = 0;

  constructor(
    private readonly connection: Connection,
    private readonly sealing: Sealing,
  ) {
    this.#records = new Cell(connection, BUCKET);
    this.#places = new Places(connection);
    this.#owners = new Owners(connection, (owner) => this.#ownerEnded(owner));
    this.#mirror = new BucketMirror(connection, BUCKET, {
      parse: (text) => {
        const kept = JSON.parse(text) as SubscriptionRecord & { readonly id: string };
        return { id: kept.id, record: kept };
      },
      changed: (_, value) => {
        if (value !== undefined) this.#changed(value.id);
      },
    });
  }

  async get(id: string): Promise<StoredSubscription | undefined> {
    const { value } = await this.#records.get(keyOf(id));
    return isLive(value) ? opened(value.subscription, this.sealing) : undefined;
  }

  async create(
    subscription: StoredSubscription,
    place: StoredPlace,
    owner: string,
  ): Promise<Lease | undefined> {
    const { id } = subscription;
    return this.#records.update<Lease | undefined>(keyOf(id), ({ value }) => {
      if (isLive(value)) return { result: undefined };
      const token = nextCount(value, this.#now());
      const stored = { ...subscription, revision: token + 1 };
      const record = { subscription: sealed(stored, this.sealing), place, born: token, token, owner };
      return {
        write: withId(id, { ...record, count: token + 1 }),
        result: { token, subscription: stored },
      };
    });
  }

  async put(subscription: StoredSubscription, token?: number): Promise<number | undefined> {
    const { id, revision } = subscription;
    if (revision === undefined) return undefined;
    return this.#records.update<number | undefined>(keyOf(id), ({ value }) => {
      if (!isLive(value) || !holds(value, { revision, token })) return { result: undefined };
      const count = nextCount(value, this.#now());
      const stored = sealed({ ...subscription, revision: count }, this.sealing);
      return { write: withId(id, { ...value, subscription: stored, count }), result: count };
    });
  }

  async delete(id: string, guard: WriteGuard = {}): Promise<boolean> {
    const deleted = await this.#records.update<number | undefined>(keyOf(id), ({ value }) => {
      if (!isLive(value) || !holds(value, guard)) return { result: undefined };
      const { born, token, count } = value;
      return { write: withId(id, { born, token, count, deletedAt: this.#now() }), result: token };
    });
    if (deleted === undefined) return false;
    await this.#places.remove(id, deleted);
    return true;
  }

  async page(
    after: string | undefined,
    limit: number,
    { unowned = false }: { readonly unowned?: boolean | undefined } = {},
  ): Promise<readonly StoredSubscription[]> {
    await this.#catchUp();
    await this.#tidy();
    const page: StoredSubscription[] = [];
    const all = [...this.#mirror.entries.values()].filter(({ id }) => after === undefined || id > after);
    all.sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const { record } of all) {
      if (page.length >= limit) break;
      if (!isLive(record) || (unowned && this.#owners.lives(record.owner))) continue;
      page.push(opened(record.subscription, this.sealing));
    }
    return page;
  }

  async lease(
    id: string,
    owner: string,
    { takeOver = false }: { readonly takeOver?: boolean | undefined } = {},
  ): Promise<Lease | undefined> {
    const leased = await this.#records.update(keyOf(id), async ({ value }) => {
      if (!isLive(value)) return { result: undefined };
      if (!takeOver && value.owner !== owner && (await this.#isOwned(value))) return { result: undefined };
      const token = nextCount(value, this.#now());
      const record = { ...value, token, owner, count: token };
      return { write: withId(id, record), result: record };
    });
    if (leased === undefined) return undefined;
    const { token, born, place } = leased;
    if (!(await this.#places.handOver(id, token, born, place))) return undefined;
    return { token, subscription: opened(leased.subscription, this.sealing) };
  }

  async release(id: string, token: number): Promise<void> {
    await this.#records.update(keyOf(id), ({ value }) => {
      if (!isLive(value) || value.token !== token || value.owner === undefined) return { result: undefined };
      return { write: withId(id, { ...value, owner: undefined }), result: undefined };
    });
  }

  renew(owner: string, ttlMs: number): Promise<boolean> {
    return this.#owners.renew(owner, ttlMs);
  }

  retire(owner: string): Promise<void> {
    return this.#owners.retire(owner);
  }

  async place(id: string): Promise<StoredPlace | undefined> {
    const { value } = await this.#records.get(keyOf(id));
    if (!isLive(value)) return undefined;
    return (await this.#places.get(id, value.born)) ?? value.place;
  }

  savePlace(id: string, token: number, place: StoredPlace): Promise<boolean> {
    return this.#places.save(id, token, place, async () => {
      const { value } = await this.#records.get(keyOf(id));
      return isLive(value) && value.token === token;
    });
  }

  watch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    this.#catchUp().catch(() => {});
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#mirror.close();
    this.#owners.close();
  }

  /** Whether its owner lives: what it said of itself before the record was written is known by then. */
  async #isOwned({ owner }: SubscriptionRecord): Promise<boolean> {
    if (owner === undefined) return false;
    await this.#owners.catchUp();
    return this.#owners.lives(owner);
  }

  async #catchUp(): Promise<void> {
    await Promise.all([this.#mirror.catchUp(), this.#owners.catchUp()]);
  }

  #ownerEnded(owner: string): void {
    for (const { id, record } of this.#mirror.entries.values()) if (record.owner === owner) this.#changed(id);
  }

  #changed(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  /** Forgets what was deleted, and owners that died, long ago. */
  async #tidy(): Promise<void> {
    const now = this.#now();
    if (now - this.#tidiedAt < REMEMBER_MS) return;
    this.#tidiedAt = now;
    await this.#owners.forget(REMEMBER_MS);
    for (const { id, record } of [...this.#mirror.entries.values()]) {
      if (record.deletedAt === undefined || record.deletedAt > now - REMEMBER_MS) continue;
      const { value, revision } = await this.#records.get(keyOf(id));
      if (value !== undefined && !isLive(value))
        await this.#records.remove(keyOf(id), revision).catch(() => {});
    }
  }

  #now(): number {
    return this.connection.options.clock.now();
  }
}

function withId(id: string, record: SubscriptionRecord): SubscriptionRecord & { readonly id: string } {
  return { ...record, id };
}
