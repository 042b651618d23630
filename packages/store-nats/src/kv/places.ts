import type { StoredPlace } from "@mcp-events/ordering";
import type { Connection } from "../connection";
import { token as keyOf } from "../names";
import { Cell, type Versioned } from "./cas";

interface Kept {
  readonly token: number;
  readonly place: StoredPlace;
}

const MAX_TRIES = 16;
const MAX_REMEMBERED = 100_000;

/**
 * How far subscriptions are settled, apart from their records because they are written so often. Each place carries the
 * token of the lease it was written under: a new owner writes it anew first, and the one before is refused from then on
 * (ORDERING rule 12).
 */
export class Places {
  readonly #cell: Cell<Kept>;
  /** What this process wrote last. */
  readonly #written = new Map<string, { readonly token: number; readonly revision: number }>();

  constructor(connection: Connection) {
    this.#cell = new Cell(connection, "places");
  }

  /** The place that was written under a token of at least `born`. */
  async get(id: string, born: number): Promise<StoredPlace | undefined> {
    return valid(await this.#cell.get(keyOf(id)), born)?.place;
  }

  /**
   * Stores a place under a token; false when a later token was there.
   *
   * @param isLatest - Whether the token is of the latest lease; asked when the place was written under an older one.
   */
  async save(
    id: string,
    token: number,
    place: StoredPlace,
    isLatest: () => Promise<boolean>,
  ): Promise<boolean> {
    const key = keyOf(id);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const known = this.#written.get(id);
      let revision = known?.token === token ? known.revision : undefined;
      if (revision === undefined) {
        const now = await this.#cell.get(key);
        if (now.value !== undefined && now.value.token > token) return false;
        if (now.value?.token !== token && !(await isLatest())) return false;
        revision = now.revision;
      }
      const written = await this.#cell.swap(key, { token, place }, revision);
      if (written !== undefined) {
        this.#remember(id, token, written);
        return true;
      }
      this.#written.delete(id);
    }
    return false;
  }

  /** Writes the place anew under the token of a new lease; false when a later one was faster. */
  async handOver(id: string, token: number, born: number, first: StoredPlace): Promise<boolean> {
    const key = keyOf(id);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const now = await this.#cell.get(key);
      if (now.value !== undefined && now.value.token > token) return false;
      const place = valid(now, born)?.place ?? first;
      const written = await this.#cell.swap(key, { token, place }, now.revision);
      if (written === undefined) continue;
      this.#remember(id, token, written);
      return true;
    }
    return false;
  }

  /** Removes the place of a subscription that was deleted; not that of one that began since, with a later token. */
  async remove(id: string, token: number): Promise<void> {
    if ((this.#written.get(id)?.token ?? 0) <= token) this.#written.delete(id);
    const { value, revision } = await this.#cell.get(keyOf(id));
    if (value !== undefined && value.token <= token) await this.#cell.remove(keyOf(id), revision);
  }

  #remember(id: string, token: number, revision: number): void {
    this.#written.delete(id);
    this.#written.set(id, { token, revision });
    if (this.#written.size > MAX_REMEMBERED) this.#written.delete(this.#written.keys().next().value!);
  }
}

function valid({ value }: Versioned<Kept>, born: number): Kept | undefined {
  return value !== undefined && value.token >= born ? value : undefined;
}
