import {
  type AnyEventDefinition,
  DELIVERY_MODES,
  type DeliveryMode,
  type EventDescriptor,
  EventsError,
  type Guarantee,
  ORDERING_EXTENSION,
} from "@mcp-events/protocol";
import type { RegisterOptions } from "../types";
import { compileValidator, type Validate } from "./schema-validator";

/** The options of a registration whose argument and payload types no longer matter. */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds types of every shape
export type AnyRegisterOptions = RegisterOptions<any, any>;

/** A registered event type at one moment; an update makes a new one. */
export interface EventType {
  /** The registration: kept by updates, another one when the name is registered anew. */
  readonly registration: symbol;
  readonly name: string;
  readonly definition: AnyEventDefinition;
  readonly options: AnyRegisterOptions;
  readonly delivery: readonly DeliveryMode[];
  readonly logName: string;
  readonly replay: boolean;
  readonly guarantee: Guarantee;
  readonly validateArguments: Validate;
  readonly validatePayload: Validate;
  readonly descriptor: EventDescriptor;
}

/**
 * Makes a definition and its options ready to serve.
 *
 * @throws EventsError `schema_invalid` or `option_invalid`.
 */
export function eventType(
  definition: AnyEventDefinition,
  options: AnyRegisterOptions,
  /** What the server can deliver by. */
  modes: readonly DeliveryMode[],
  registration = Symbol(definition.name),
): EventType {
  const { name } = definition;
  const where = `register("${name}")`;
  const delivery = checkDelivery(where, options.delivery ?? modes, modes);
  const logName = options.log ?? "events";
  const guarantee = options.guarantee ?? (options.orderingKey === undefined ? "subscription" : "key");
  checkOptions(where, options, guarantee);
  return {
    registration,
    name,
    definition,
    options,
    delivery,
    logName,
    guarantee,
    replay: options.replay ?? true,
    validateArguments: compileValidator(`${where}: inputSchema`, definition.inputSchema),
    validatePayload: compileValidator(`${where}: payloadSchema`, definition.payloadSchema),
    descriptor: {
      name,
      description: definition.description,
      delivery: [...delivery],
      inputSchema: definition.inputSchema.json,
      payloadSchema: definition.payloadSchema.json,
      _meta: { ...definition._meta, [ORDERING_EXTENSION]: { log: logName, guarantee } },
    },
  };
}

function checkDelivery(
  where: string,
  modes: readonly DeliveryMode[],
  possible: readonly DeliveryMode[],
): readonly DeliveryMode[] {
  const unknown = modes.find((mode) => !DELIVERY_MODES.includes(mode));
  if (unknown !== undefined) throw invalid(`${where}: delivery: there is no mode ${JSON.stringify(unknown)}`);
  if (modes.includes("webhook") && !possible.includes("webhook")) {
    throw invalid(`${where}: delivery: webhook needs a transport that posts webhooks`);
  }
  if (modes.length === 0) throw invalid(`${where}: delivery: must name at least one mode`);
  return [...new Set(modes)];
}

function checkOptions(where: string, options: AnyRegisterOptions, guarantee: Guarantee): void {
  const { check, checkMs, sharedCheck } = options;
  if (options.log === "") throw invalid(`${where}: log: is empty`);
  if (guarantee !== "subscription" && guarantee !== "key") {
    throw invalid(`${where}: guarantee: must be "subscription" or "key"`);
  }
  if (check === undefined && (checkMs !== undefined || sharedCheck !== undefined)) {
    throw invalid(
      `${where}: ${checkMs === undefined ? "sharedCheck" : "checkMs"}: means nothing without check`,
    );
  }
  if (checkMs !== undefined && !(checkMs >= 1)) {
    throw invalid(`${where}: checkMs: must be 1 or more, got ${checkMs}`);
  }
}

function invalid(message: string): EventsError {
  return new EventsError("option_invalid", message);
}
