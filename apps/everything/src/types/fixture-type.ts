import type { AnyEventDefinition } from "@mcp-events/protocol";
import type { EventHandle, EventServer } from "@mcp-events/server";
import type { Controls } from "../controls";

/** What the event types are made with. */
export interface TypeContext {
  readonly events: EventServer;
  readonly controls: Controls;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
}

/** One event type of the fixture, before it is registered. */
export interface FixtureType {
  readonly definition: AnyEventDefinition;
  /** `emit`: the tools emit it. `check`: it reports what its upstream says. */
  readonly source: "emit" | "check";
  /** Name of the log it stands on. */
  readonly log: string;
  /** Name of the integer property that `change_type` changes. */
  readonly number: string;
  register(context: TypeContext): EventHandle;
}

/** The log of every event type but the one without replay. */
export const MAIN_LOG = "events";
