import { EventsError, WireError } from "@mcp-events/protocol";
import { quoted } from "../wire/requests";
import type { EventType } from "./event-type";

/** A type and its place in the list. */
export interface Listed {
  readonly type: EventType;
  /** Greater than that of every type registered before; kept by updates. */
  readonly ordinal: number;
}

/** The event types of a server, in the order in which they were registered. */
export class Registry {
  readonly #types = new Map<string, Listed>();
  #ordinal = 0;

  constructor(
    /** Called when the set of types, or one of them, changed (LIST-3). */
    private readonly onChange: () => void,
  ) {}

  /** @throws EventsError `event_duplicate` when the name is taken. */
  add(type: EventType): void {
    if (this.#types.has(type.name)) {
      throw new EventsError("event_duplicate", `register: ${quoted(type.name)} is registered already`);
    }
    this.#ordinal += 1;
    this.#types.set(type.name, { type, ordinal: this.#ordinal });
    this.onChange();
  }

  /** Puts another state of a type in place of the one it was made from. */
  replace(type: EventType): void {
    const { ordinal } = this.#types.get(type.name)!;
    this.#types.set(type.name, { type, ordinal });
    this.onChange();
  }

  remove(name: string): void {
    if (this.#types.delete(name)) this.onChange();
  }

  /** Whether a type of the name is registered. */
  has(name: string): boolean {
    return this.#types.has(name);
  }

  /** @throws WireError `NotFound`. */
  require(name: string): EventType {
    const listed = this.#types.get(name);
    if (listed !== undefined) return listed.type;
    throw new WireError("NotFound", `Unknown event type ${quoted(name)}`, { kind: "event" });
  }

  /**
   * Notes that a request goes on with the type it found before it waited.
   *
   * @throws WireError `NotFound` when it was removed meanwhile; `InternalError` (retryable) when it was changed.
   */
  requireCurrent(type: EventType): void {
    if (this.require(type.name) === type) return;
    throw new WireError("InternalError", `Event type ${quoted(type.name)} changed just now; try again`);
  }

  /** The types registered after a place in the list, in order. */
  after(ordinal: number): Listed[] {
    return [...this.#types.values()].filter((listed) => listed.ordinal > ordinal);
  }
}
