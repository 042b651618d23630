import { isJsonObject, issuePath, type JsonObject, utf8Bytes, WireError } from "@mcp-events/protocol";
import type * as z from "zod";

/**
 * Reads the parameters of a request; unknown fields are ignored, the old field `params` is not.
 *
 * @throws WireError `InvalidParams` naming the path.
 */
export function parseRequest<T>(method: string, schema: z.ZodType<T>, params: JsonObject): T {
  if (params.params !== undefined && params.arguments === undefined) {
    throw new WireError(
      "InvalidParams",
      `${method}: unknown field "params": the event's arguments go in "arguments"`,
    );
  }
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue === undefined ? "" : issuePath(issue);
  throw new WireError("InvalidParams", `${method}: ${path}: ${issue?.message ?? "does not fit"}`);
}

/**
 * Refuses arguments that are too large to compare and keep.
 *
 * @param maxBytes - Bound on the arguments as JSON, in bytes of UTF-8.
 * @throws WireError `InvalidParams`.
 */
export function requireSmallArguments(method: string, args: unknown, maxBytes: number): void {
  if (!isJsonObject(args)) return;
  const bytes = jsonBytes(args);
  if (bytes <= maxBytes) return;
  throw new WireError(
    "InvalidParams",
    `${method}: arguments: larger than ${maxBytes} bytes of JSON, the most this server takes`,
  );
}

/** Size as JSON in bytes of UTF-8; infinite for what nests too deeply to be written. */
function jsonBytes(value: unknown): number {
  try {
    return utf8Bytes(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** A name for an error message, never longer than a line. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
