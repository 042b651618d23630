import { DELIVERY_MODES, defineEvent, EventsError, type SchemaLike, WireError } from "@mcp-events/protocol";
import { emitAll } from "./emit/emitter";
import type { Engine } from "./engine";
import { inputCompatible, payloadCompatible } from "./registry/compatibility";
import { type EventType, eventType } from "./registry/event-type";
import { endFinished } from "./subscriptions/finished";
import type { EventHandle, UpdateOptions } from "./types";
import { quoted } from "./wire/requests";

/** What the author of a registered type holds. */
export function eventHandle<Payload, Arguments>(
  engine: Engine,
  registered: EventType,
): EventHandle<Payload, Arguments> {
  const { name } = registered;
  let type = registered;
  let removed = false;
  const requireHere = () => {
    if (engine.closing.aborted) throw new EventsError("closed", `${name}: the event server is closed`);
    if (removed) throw new EventsError("event_unknown", `${name}: the event type was removed`);
  };
  const context = {
    clock: engine.clock,
    random: engine.options.random,
    observer: engine.observer,
    durable: engine.options.store.durable,
  };
  const { queue } = engine.logOf(type.logName);
  return {
    name,
    async emit(data, options = {}) {
      requireHere();
      const [emitted] = await emitAll(context, queue, type, [Object.assign({}, options, { data })]);
      return emitted!;
    },
    async emitMany(items) {
      requireHere();
      return items.length === 0 ? [] : emitAll(context, queue, type, items);
    },
    async update(changes) {
      requireHere();
      const before = type;
      type = changed(engine, before, changes);
      engine.registry.replace(type);
      await endIncompatible(engine, before, type, changes.breaking);
    },
    async cursor() {
      requireHere();
      if (!type.replay || type.options.check !== undefined) return null;
      const log = engine.logOf(type.logName);
      const { epoch, seq } = await (await log.open()).head();
      return log.cursor({ epoch, seq });
    },
    async finish(belongs) {
      requireHere();
      const all = engine.delivering(type);
      const over = all.filter(({ subscription }) => belongs(subscription.arguments as Arguments));
      await endFinished(engine, type.logName, over);
    },
    async remove() {
      requireHere();
      removed = true;
      engine.registry.remove(name);
      const error = new WireError("NotFound", `Event type ${quoted(name)} was removed`, { kind: "event" });
      await engine.endSubscriptions(type, new Set(DELIVERY_MODES), error);
    },
  };
}

function changed(engine: Engine, type: EventType, changes: UpdateOptions): EventType {
  const { definition, options } = type;
  const kept = (schema: EventType["definition"]["inputSchema"]): SchemaLike => schema.standard ?? schema.json;
  const next = defineEvent(type.name, {
    description: changes.description ?? definition.description,
    inputSchema: changes.inputSchema ?? kept(definition.inputSchema),
    payloadSchema: changes.payloadSchema ?? kept(definition.payloadSchema),
    _meta: definition._meta,
  });
  const delivery = changes.delivery ?? type.delivery;
  return eventType(next, { ...options, delivery }, engine.modes, type.registration);
}

/** Ends the subscriptions that cannot go on after a change (LIST-4). */
async function endIncompatible(
  engine: Engine,
  before: EventType,
  after: EventType,
  breaking: boolean | undefined,
): Promise<void> {
  const feature = incompatibleSchema(before, after, breaking);
  if (feature !== undefined) {
    const error = new WireError("Unsupported", `The ${feature} of ${quoted(after.name)} changed`, {
      feature,
      reason: "schema_changed",
    });
    await engine.endSubscriptions(after, new Set(DELIVERY_MODES), error);
    return;
  }
  for (const mode of before.delivery) {
    if (after.delivery.includes(mode)) continue;
    const data = { feature: "deliveryMode", value: mode };
    const error = new WireError(
      "Unsupported",
      `${quoted(after.name)} is no longer delivered by ${mode}`,
      data,
    );
    await engine.endSubscriptions(after, new Set([mode]), error);
  }
}

function incompatibleSchema(
  { definition: before }: EventType,
  { definition: after }: EventType,
  breaking: boolean | undefined,
): "inputSchema" | "payloadSchema" | undefined {
  if (breaking === false) return undefined;
  if (!inputCompatible(before.inputSchema.json, after.inputSchema.json)) return "inputSchema";
  const payloadFits = payloadCompatible(before.payloadSchema.json, after.payloadSchema.json);
  return payloadFits && breaking !== true ? undefined : "payloadSchema";
}
