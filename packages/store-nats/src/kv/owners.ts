import type { Connection } from "../connection";
import { token } from "../names";
import { BucketMirror } from "./bucket-mirror";
import { Cell } from "./cas";

const BUCKET = "owners";

interface Life {
  readonly owner: string;
  readonly ttlMs: number;
  /** By the owner's clock. */
  readonly until: number;
}

interface Seen extends Life {
  /** Until when it counts as living, by this process's clock. */
  readonly deadline: number;
}

/**
 * Which owners live. Each says so at intervals; the others count the time since they heard it, so that clocks need not
 * agree, but for owners that are seen for the first time.
 */
export class Owners {
  readonly #cell: Cell<Life>;
  readonly #mirror: BucketMirror<Seen>;
  /** Owners that were heard before. */
  readonly #known = new Set<string>();

  constructor(
    private readonly connection: Connection,
    /** An owner ended. */
    private readonly onRetired: (owner: string) => void,
  ) {
    this.#cell = new Cell(connection, BUCKET);
    const names = new Map<string, string>();
    this.#mirror = new BucketMirror(connection, BUCKET, {
      parse: (text) => {
        const life = JSON.parse(text) as Life;
        names.set(token(life.owner), life.owner);
        return this.#seen(life);
      },
      changed: (key, value) => {
        const owner = names.get(key);
        if (value !== undefined || owner === undefined) return;
        names.delete(key);
        this.#known.delete(owner);
        this.onRetired(owner);
      },
    });
  }

  /** Brings what is known up to date. */
  catchUp(): Promise<void> {
    return this.#mirror.catchUp();
  }

  /** Whether an owner lives, as far as is known. */
  lives(owner: string | undefined): boolean {
    if (owner === undefined) return false;
    const seen = this.#mirror.entries.get(token(owner));
    return seen !== undefined && seen.deadline > this.#now();
  }

  /** False when its time had run out. */
  async renew(owner: string, ttlMs: number): Promise<boolean> {
    const now = this.#now();
    return this.#cell.update<boolean>(token(owner), ({ value }) => ({
      write: { owner, ttlMs, until: now + ttlMs },
      result: value === undefined || value.until > now,
    }));
  }

  async retire(owner: string): Promise<void> {
    await this.#cell.remove(token(owner));
  }

  /** Forgets owners that have been dead for long. */
  async forget(deadForMs: number): Promise<void> {
    const floor = this.#now() - deadForMs;
    for (const { owner, deadline, until } of [...this.#mirror.entries.values()]) {
      if (Math.max(deadline, until) < floor) await this.retire(owner);
    }
  }

  close(): void {
    this.#mirror.close();
  }

  #seen(life: Life): Seen {
    const now = this.#now();
    const heard = now + life.ttlMs;
    const deadline = this.#known.has(life.owner) ? heard : Math.min(heard, life.until);
    this.#known.add(life.owner);
    return { ...life, deadline };
  }

  #now(): number {
    return this.connection.options.clock.now();
  }
}
