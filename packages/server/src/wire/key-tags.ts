import { createHash } from "node:crypto";

const TAG_BYTES = 9;

/** Turns ordering keys into opaque tags for the wire: equal for equal keys of one log, and remembered for the busiest. */
export class KeyTags {
  readonly #tags = new Map<string, string>();

  constructor(
    /** The log's salt: the same key has another tag on another log. */
    private readonly salt: string,
    /** Most tags remembered. */
    private readonly capacity = 4_096,
  ) {}

  /** The tag of an ordering key. */
  of(key: string): string {
    const known = this.#tags.get(key);
    if (known !== undefined) return known;
    const hash = createHash("sha256").update(`${this.salt}\0${key}`).digest();
    const tag = hash.subarray(0, TAG_BYTES).toString("base64url");
    if (this.#tags.size >= this.capacity) this.#tags.delete(this.#tags.keys().next().value!);
    this.#tags.set(key, tag);
    return tag;
  }
}
