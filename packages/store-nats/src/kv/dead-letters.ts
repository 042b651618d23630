import type { DeadLetter, DeadLetterStore } from "@mcp-events/ordering";
import type { Connection } from "../connection";
import { token as keyOf } from "../names";
import { BucketMirror } from "./bucket-mirror";
import { Cell } from "./cas";

const BUCKET = "dead-letters";

interface Kept {
  readonly letter: DeadLetter;
  /** Revision at which it was first written, when that is not this one. */
  readonly order?: number | undefined;
}

interface Listed {
  readonly id: string;
  readonly subscriptionId: string;
  readonly order: number;
}

/** Dead letters in a bucket of JetStream; at most `max`, the oldest leave. */
export class NatsDeadLetters implements DeadLetterStore {
  readonly #cell: Cell<Kept>;
  readonly #mirror: BucketMirror<Listed>;
  /** Where the latest that were deleted stood: who lists and deletes goes on from there. */
  readonly #orders = new Map<string, number>();

  constructor(
    connection: Connection,
    private readonly max: number,
  ) {
    this.#cell = new Cell(connection, BUCKET);
    this.#mirror = new BucketMirror(connection, BUCKET, {
      parse: (text, revision) => {
        const { letter, order = revision } = JSON.parse(text) as Kept;
        this.#note(letter.id, order);
        return { id: letter.id, subscriptionId: letter.subscriptionId, order };
      },
    });
  }

  async add(letter: DeadLetter): Promise<void> {
    await this.#cell.update(keyOf(letter.id), ({ value, revision }) => ({
      write: value === undefined ? { letter } : { letter, order: value.order ?? revision },
      result: undefined,
    }));
    await this.#mirror.catchUp();
    const surplus = this.#mirror.entries.size - this.max;
    if (surplus > 0) for (const { id } of this.#sorted().slice(0, surplus)) await this.delete(id);
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    return (await this.#cell.get(keyOf(id))).value?.letter;
  }

  async page(request: {
    readonly subscriptionId?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<readonly DeadLetter[]> {
    const { subscriptionId, after, limit } = request;
    await this.#mirror.catchUp();
    const from = after === undefined ? 0 : (this.#orders.get(after) ?? 0);
    const listed = this.#sorted().filter(
      (one) => one.order > from && (subscriptionId === undefined || one.subscriptionId === subscriptionId),
    );
    const page: DeadLetter[] = [];
    for (const { id } of listed) {
      if (page.length >= limit) break;
      const letter = await this.get(id);
      if (letter !== undefined) page.push(letter);
    }
    return page;
  }

  async delete(id: string): Promise<boolean> {
    const { value, revision } = await this.#cell.get(keyOf(id));
    if (value === undefined) return false;
    await this.#cell.remove(keyOf(id), revision);
    return true;
  }

  close(): void {
    this.#mirror.close();
  }

  #sorted(): Listed[] {
    return [...this.#mirror.entries.values()].sort((one, other) => one.order - other.order);
  }

  #note(id: string, order: number): void {
    this.#orders.delete(id);
    this.#orders.set(id, order);
    if (this.#orders.size > 2 * this.max) this.#orders.delete(this.#orders.keys().next().value!);
  }
}
