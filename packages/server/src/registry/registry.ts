import { EventsError, WireError } from "@mcp-events/protocol";
import { quoted } from "../wire/requests";
import type { EventType } from "./event-type";

/** The event types of a server, in the order of their names, so that a page of them has a stable end (LIST-1). */
export class Registry {
  readonly #types = new Map<string, EventType>();

  constructor(
    /** Called when the set of types, or one of them, changed (LIST-3). */
    private readonly onChange: () => void,
  ) {}

  /** @throws EventsError `event_duplicate` when the name is taken. */
  add(type: EventType): void {
    if (this.#types.has(type.name)) {
      throw new EventsError("event_duplicate", `register: ${quoted(type.name)} is registered already`);
    }
    this.#types.set(type.name, type);
    this.onChange();
  }

  /** Puts another state of a type in place of the one it was made from. */
  replace(type: EventType): void {
    this.#types.set(type.name, type);
    this.onChange();
  }

  remove(name: string): void {
    if (this.#types.delete(name)) this.onChange();
  }

  /** @throws WireError `NotFound`. */
  require(name: string): EventType {
    const type = this.#types.get(name);
    if (type !== undefined) return type;
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

  /** All types, in the order of their names. */
  sorted(): EventType[] {
    return [...this.#types.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
