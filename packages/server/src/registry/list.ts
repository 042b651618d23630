import { type JsonObject, listParamsSchema, METHODS, WireError } from "@mcp-events/protocol";
import { parseRequest } from "../wire/requests";
import type { Registry } from "./registry";

/**
 * Answers `events/list` (LIST-1): a page begins after the name its cursor holds, so that types which come and go
 * between two pages neither hide others nor show them twice.
 *
 * @throws WireError `InvalidParams` for a cursor that is not from here.
 */
export function listEvents(registry: Registry, params: JsonObject, pageSize: number): JsonObject {
  const { cursor } = parseRequest(METHODS.list, listParamsSchema, params);
  const after = cursor == null ? "" : nameIn(cursor);
  const rest = registry.sorted().filter((type) => type.name > after);
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return {
    resultType: "complete",
    events: page.map((type) => type.descriptor),
    ...(rest.length > page.length && last !== undefined && { nextCursor: cursorFor(last.name) }),
  };
}

const PREFIX = "after:";

function cursorFor(name: string): string {
  return Buffer.from(PREFIX + name).toString("base64url");
}

function nameIn(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  const name = text.slice(PREFIX.length);
  if (text.startsWith(PREFIX) && cursorFor(name) === cursor) return name;
  throw new WireError("InvalidParams", `${METHODS.list}: cursor: is not one that this server gave out`);
}
