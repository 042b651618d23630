import type { DeadLetter, DeadLetterStore } from "@mcp-events/ordering";
import type { Statement } from "better-sqlite3";
import type { SqliteFile } from "./sqlite-file";

/** Dead letters in the file. One that was deleted leaves its place behind: who lists and deletes goes on from there. */
export class SqliteLetters implements DeadLetterStore {
  readonly #get: Statement<[string], string | null>;
  readonly #placeOf: Statement<[string], number>;
  readonly #replace: Statement<[string, string]>;
  readonly #insert: Statement<[string, string, string]>;
  readonly #page: Statement<[number, number], string>;
  readonly #pageOf: Statement<[string, number, number], string>;
  readonly #clear: Statement<[string]>;
  readonly #forget: Statement<[string]>;
  readonly #trim: Statement<[number]>;
  readonly #trimPlaces: Statement<[]>;

  constructor(
    private readonly file: SqliteFile,
    private readonly max: number,
  ) {
    const { db } = file;
    this.#get = db.prepare<[string], string | null>("SELECT letter FROM letters WHERE id = ?").pluck();
    this.#placeOf = db.prepare<[string], number>("SELECT n FROM letters WHERE id = ?").pluck();
    this.#replace = db.prepare("UPDATE letters SET letter = ? WHERE id = ? AND letter IS NOT NULL");
    this.#insert = db.prepare("INSERT INTO letters (id, subscription, letter) VALUES (?, ?, ?)");
    this.#page = db
      .prepare<[number, number], string>(
        "SELECT letter FROM letters WHERE n > ? AND letter IS NOT NULL ORDER BY n LIMIT ?",
      )
      .pluck();
    this.#pageOf = db
      .prepare<[string, number, number], string>(
        "SELECT letter FROM letters WHERE subscription = ? AND n > ? AND letter IS NOT NULL ORDER BY n LIMIT ?",
      )
      .pluck();
    this.#clear = db.prepare("UPDATE letters SET letter = NULL WHERE id = ? AND letter IS NOT NULL");
    this.#forget = db.prepare("DELETE FROM letters WHERE id = ?");
    this.#trim = db.prepare(
      `DELETE FROM letters WHERE n <= (
         SELECT n FROM letters WHERE letter IS NOT NULL ORDER BY n DESC LIMIT 1 OFFSET ?)`,
    );
    this.#trimPlaces = db.prepare(
      `DELETE FROM letters WHERE n < coalesce(
         (SELECT min(n) FROM letters WHERE letter IS NOT NULL), (SELECT max(n) FROM letters))`,
    );
  }

  add(letter: DeadLetter): Promise<void> {
    const text = JSON.stringify(letter);
    return this.#write(() => {
      if (this.#replace.run(text, letter.id).changes > 0) return;
      this.#forget.run(letter.id);
      this.#insert.run(letter.id, letter.subscriptionId, text);
      this.#trim.run(this.max);
    });
  }

  get(id: string): DeadLetter | undefined {
    const text = this.#read(() => this.#get.get(id));
    return typeof text === "string" ? JSON.parse(text) : undefined;
  }

  page(request: {
    readonly subscriptionId?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): readonly DeadLetter[] {
    const { subscriptionId, after, limit } = request;
    return this.#read(() => {
      const from = after === undefined ? 0 : (this.#placeOf.get(after) ?? 0);
      const found =
        subscriptionId === undefined
          ? this.#page.all(from, limit)
          : this.#pageOf.all(subscriptionId, from, limit);
      return found.map((text) => JSON.parse(text) as DeadLetter);
    });
  }

  delete(id: string): Promise<boolean> {
    return this.#write(() => {
      const isThere = this.#clear.run(id).changes > 0;
      this.#trimPlaces.run();
      return isThere;
    });
  }

  #read<T>(fn: () => T): T {
    this.file.requireOpen("dead letters");
    return this.file.guard(fn);
  }

  async #write<T>(run: () => T): Promise<T> {
    this.file.requireOpen("dead letters");
    return this.file.writer.write(run);
  }
}
