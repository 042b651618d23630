import type { SecretBox } from "./secret-box";
import type { SqliteFile } from "./sqlite-file";

/** How a file is opened now. */
export interface Opening {
  readonly now: number;
  /** Which start of the machine this is. */
  readonly boot: string;
  readonly synchronous: "full" | "normal";
  /** Whether it was said how secrets are kept: else nobody reads them. */
  readonly sealsSecrets: boolean;
}

/**
 * Makes an opened file this process's: whoever owned subscriptions is dead, secrets are encrypted with the newest key, and
 * logs that may have lost numbers they gave out begin a new epoch (ORDERING, "The log" 1).
 *
 * @throws EventsError `store_unusable` when secrets cannot be read with the keys given.
 */
export function takeOver(file: SqliteFile, secrets: SecretBox, opening: Opening): void {
  const { db } = file;
  db.transaction(() => {
    if (mayHaveLost(file, opening)) {
      db.prepare("UPDATE logs SET epoch = max(epoch + 1, ?)").run(Math.floor(opening.now));
    }
    const set = db.prepare("UPDATE meta SET value = ? WHERE key = ?");
    set.run(0, "copied");
    set.run(opening.synchronous, "open");
    set.run(opening.boot, "boot");
    db.exec("DELETE FROM owners; UPDATE subscriptions SET owner = NULL WHERE owner IS NOT NULL");
    if (opening.sealsSecrets) sealAnew(file, secrets);
  })();
}

/** A copy lacks what came after it; without `full`, so does a file that was open when the machine went down. */
function mayHaveLost({ db }: SqliteFile, { boot }: Opening): boolean {
  const get = db.prepare<[string], unknown>("SELECT value FROM meta WHERE key = ?").pluck();
  if (get.get("copied") === 1) return true;
  return get.get("open") === "normal" && get.get("boot") !== boot;
}

function sealAnew({ db }: SqliteFile, secrets: SecretBox): void {
  interface Row {
    readonly id: string;
    readonly secrets: string;
    readonly secret_key: string | null;
  }
  const old = db
    .prepare<[string | null], Row>(
      "SELECT id, secrets, secret_key FROM subscriptions WHERE secret_key IS NOT ?",
    )
    .all(secrets.keyId);
  const replace = db.prepare("UPDATE subscriptions SET secrets = ?, secret_key = ? WHERE id = ?");
  for (const row of old) {
    const opened = secrets.open(row.secrets, row.secret_key, row.id);
    replace.run(secrets.seal(opened, row.id), secrets.keyId, row.id);
  }
}
