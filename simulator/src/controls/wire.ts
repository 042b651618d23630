import { type JsonObject, type Message, ORDERING_EXTENSION } from "@mcp-events/protocol";

/** The ordering member of a message's `_meta`. */
function orderingOf({ _meta }: JsonObject): JsonObject | undefined {
  return (_meta as JsonObject | undefined)?.[ORDERING_EXTENSION] as JsonObject | undefined;
}

/** The message with other ordering data; as it is when it has none. */
export function withOrdering(
  body: JsonObject,
  change: (own: JsonObject) => JsonObject | undefined,
): JsonObject {
  const own = orderingOf(body);
  if (own === undefined) return body;
  const { [ORDERING_EXTENSION]: _own, ...meta } = body._meta as JsonObject;
  const next = change(own);
  return { ...body, _meta: next === undefined ? meta : { ...meta, [ORDERING_EXTENSION]: next } };
}

/** The message as a server sends it that knows nothing of ordering, with every event inside it. */
export function plain(body: JsonObject): JsonObject {
  const bare = withOrdering(body, () => undefined);
  return Array.isArray(bare.events) ? { ...bare, events: (bare.events as JsonObject[]).map(plain) } : bare;
}

/** The notification with other parameters. */
export function changed({ method, params }: Message, change: (params: JsonObject) => JsonObject): Message {
  return { method, params: change(params) };
}
