import { type JsonObject, listParamsSchema, METHODS, WireError } from "@mcp-events/protocol";
import { parseRequest } from "../wire/requests";
import type { Registry } from "./registry";

/**
 * Answers `events/list` (LIST-1) in the order of registration: a page begins after the place its cursor holds, so that
 * types which come and go between two pages neither hide others nor show them twice.
 *
 * @throws WireError `InvalidParams` for a cursor that is not from here.
 */
export function listEvents(registry: Registry, params: JsonObject, pageSize: number): JsonObject {
  const { cursor } = parseRequest(METHODS.list, listParamsSchema, params);
  const rest = registry.after(cursor == null ? 0 : ordinalIn(cursor));
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return {
    resultType: "complete",
    events: page.map(({ type }) => type.descriptor),
    ...(rest.length > page.length && last !== undefined && { nextCursor: cursorFor(last.ordinal) }),
  };
}

const PREFIX = "after:";

function cursorFor(ordinal: number): string {
  return Buffer.from(`${PREFIX}${ordinal}`).toString("base64url");
}

function ordinalIn(cursor: string): number {
  const text = Buffer.from(cursor, "base64url").toString();
  const ordinal = Number(text.slice(PREFIX.length));
  if (Number.isSafeInteger(ordinal) && cursorFor(ordinal) === cursor) return ordinal;
  throw new WireError("InvalidParams", `${METHODS.list}: cursor: is not one that this server gave out`);
}
