import type { Database, Statement } from "better-sqlite3";

/** A subscription as a row. */
export interface SubscriptionRow {
  readonly id: string;
  /** JSON, without the secrets. */
  readonly record: string;
  readonly secrets: string;
  /** Id of the key that the secrets are encrypted with; `null`: they are plain. */
  readonly secret_key: string | null;
  readonly revision: number;
  /** JSON. */
  readonly place: string;
  readonly token: number;
  readonly owner: string | null;
}

type Record_ = Pick<SubscriptionRow, "id" | "record" | "secrets" | "secret_key" | "revision">;

/** The tables of subscriptions and their owners. */
export class SubscriptionRows {
  readonly #next: Statement<[], number>;
  readonly #get: Statement<[string], SubscriptionRow>;
  readonly #add: Statement<[SubscriptionRow]>;
  readonly #put: Statement<[Record_]>;
  readonly #delete: Statement<[string]>;
  readonly #page: Statement<[string, number], SubscriptionRow>;
  readonly #unowned: Statement<[string, number, number], SubscriptionRow>;
  readonly #own: Statement<[number, string | null, string]>;
  readonly #savePlace: Statement<[string, string, number]>;
  readonly #until: Statement<[string], number>;
  readonly #renew: Statement<[string, number]>;
  readonly #retire: Statement<[string]>;
  readonly #disown: Statement<[string], string>;

  constructor(db: Database) {
    this.#next = db
      .prepare<[], number>("UPDATE meta SET value = value + 1 WHERE key = 'count' RETURNING value")
      .pluck();
    this.#get = db.prepare("SELECT * FROM subscriptions WHERE id = ?");
    this.#add = db.prepare(
      `INSERT INTO subscriptions (id, record, secrets, secret_key, revision, place, token, owner)
       VALUES (:id, :record, :secrets, :secret_key, :revision, :place, :token, :owner)`,
    );
    this.#put = db.prepare(
      `UPDATE subscriptions SET record = :record, secrets = :secrets, secret_key = :secret_key, revision = :revision
       WHERE id = :id`,
    );
    this.#delete = db.prepare("DELETE FROM subscriptions WHERE id = ?");
    this.#page = db.prepare("SELECT * FROM subscriptions WHERE id > ? ORDER BY id LIMIT ?");
    this.#unowned = db.prepare(
      `SELECT * FROM subscriptions WHERE id > ?
         AND NOT EXISTS (SELECT 1 FROM owners WHERE owners.id = subscriptions.owner AND until > ?)
       ORDER BY id LIMIT ?`,
    );
    this.#own = db.prepare("UPDATE subscriptions SET token = ?, owner = ? WHERE id = ?");
    this.#savePlace = db.prepare("UPDATE subscriptions SET place = ? WHERE id = ? AND token = ?");
    this.#until = db.prepare<[string], number>("SELECT until FROM owners WHERE id = ?").pluck();
    this.#renew = db.prepare("INSERT OR REPLACE INTO owners (id, until) VALUES (?, ?)");
    this.#retire = db.prepare("DELETE FROM owners WHERE id = ?");
    this.#disown = db
      .prepare<[string], string>("UPDATE subscriptions SET owner = NULL WHERE owner = ? RETURNING id")
      .pluck();
  }

  /** A number greater than all before, for tokens and revisions. */
  next(): number {
    return this.#next.get()!;
  }

  get(id: string): SubscriptionRow | undefined {
    return this.#get.get(id);
  }

  add(row: SubscriptionRow): void {
    this.#add.run(row);
  }

  put(record: Record_): void {
    this.#put.run(record);
  }

  delete(id: string): void {
    this.#delete.run(id);
  }

  /** @param now - Only those whose owner does not live at this time. */
  page(after: string, limit: number, now: number | undefined): SubscriptionRow[] {
    return now === undefined ? this.#page.all(after, limit) : this.#unowned.all(after, now, limit);
  }

  own(id: string, token: number, owner: string | null): void {
    this.#own.run(token, owner, id);
  }

  savePlace(id: string, token: number, place: string): boolean {
    return this.#savePlace.run(place, id, token).changes > 0;
  }

  until(owner: string): number | undefined {
    return this.#until.get(owner);
  }

  lives(owner: string | null, now: number): boolean {
    return owner !== null && (this.until(owner) ?? 0) > now;
  }

  renew(owner: string, until: number): void {
    this.#renew.run(owner, until);
  }

  /** Ids of what it had. */
  retire(owner: string): string[] {
    this.#retire.run(owner);
    return this.#disown.all(owner);
  }
}
