import type { EventHandle } from "@mcp-events/server";
import { changedPayloadSchema } from "./schema-change";
import type { FixtureType, TypeContext } from "./types/fixture-type";

interface Registration {
  readonly type: FixtureType;
  handle: EventHandle | undefined;
  /** How often the payload schema was changed since the type was registered. */
  additions: number;
  breaks: number;
}

/** One event type, as the tools tell of it. */
export interface TypeState {
  readonly name: string;
  readonly registered: boolean;
  readonly source: FixtureType["source"];
  readonly log: string;
}

/** The fixture's event types, some of which may be removed at the moment. */
export class TypeRegistry {
  readonly #registrations: ReadonlyMap<string, Registration>;

  constructor(
    types: readonly FixtureType[],
    private readonly context: TypeContext,
  ) {
    this.#registrations = new Map(
      types.map((type) => [
        type.definition.name,
        { type, handle: type.register(context), additions: 0, breaks: 0 },
      ]),
    );
  }

  list(): TypeState[] {
    return [...this.#registrations.values()].map(({ type, handle }) => ({
      name: type.definition.name,
      registered: handle !== undefined,
      source: type.source,
      log: type.log,
    }));
  }

  /** @throws Error when the fixture never had an event type of that name. */
  type(name: string): FixtureType {
    return this.#find(name).type;
  }

  /** @throws Error when there is no such type, or it is removed. */
  handle(name: string): EventHandle {
    return this.#present(name).handle;
  }

  /** @throws Error when there is no such type, or it is removed already. */
  async remove(name: string): Promise<void> {
    const { registration, handle } = this.#present(name);
    registration.handle = undefined;
    await handle.remove();
  }

  /** Registers a removed type again, with its first schema. @throws Error when it is there. */
  add(name: string): void {
    const registration = this.#find(name);
    if (registration.handle !== undefined)
      throw new Error(`${name} is there already; remove_type takes it away`);
    registration.handle = registration.type.register(this.context);
    registration.additions = 0;
    registration.breaks = 0;
  }

  /** Changes the payload schema of a type in place, so that old readers still understand it or not. */
  async change(name: string, breaking: boolean): Promise<Record<string, unknown>> {
    const { registration, handle } = this.#present(name);
    if (breaking) registration.breaks += 1;
    else registration.additions += 1;
    const payloadSchema = changedPayloadSchema(registration.type, registration);
    await handle.update({ payloadSchema });
    return payloadSchema;
  }

  #present(name: string): { registration: Registration; handle: EventHandle } {
    const registration = this.#find(name);
    const { handle } = registration;
    if (handle === undefined) throw new Error(`${name} is removed; add_type brings it back`);
    return { registration, handle };
  }

  #find(name: string): Registration {
    const registration = this.#registrations.get(name);
    if (registration !== undefined) return registration;
    const names = [...this.#registrations.keys()].join(", ");
    throw new Error(`there is no event type "${name}"; the types are ${names}`);
  }
}
