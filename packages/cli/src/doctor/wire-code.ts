import type { McpClientLike } from "@mcp-events/client";
import type { JsonObject, Profile } from "@mcp-events/protocol";
import { WIRE_CODES } from "@mcp-events/protocol";

/** Takes every result, in the forms that the two SDK lines ask for. */
const ANY_RESULT = {
  safeParse: (data: unknown) => ({ success: true, data }),
  "~standard": { version: 1, vendor: "mcp-events", validate: (value: unknown) => ({ value }) },
};

type Request = (request: object, schema: object, options: object) => Promise<unknown>;

/** What a request is answered with: a JSON-RPC error's number as it stood on the wire, `result`, or nothing. */
export type Answer = number | "result" | undefined;

/** Sends a request past the event client, which names errors and forgets their numbers. */
export async function answerTo(
  mcp: McpClientLike,
  method: string,
  params: JsonObject,
  timeout: number,
): Promise<Answer> {
  const client = mcp as unknown as { request: Request };
  try {
    await client.request({ method, params }, ANY_RESULT, { timeout });
    return "result";
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown };
    return typeof code === "number" ? code : undefined;
  }
}

/** Whose number a NotFound has. */
export function profileOf(answer: Answer): Profile | "unknown" {
  const found = Object.entries(WIRE_CODES).find(([, codes]) => codes.NotFound === answer);
  return (found?.[0] as Profile | undefined) ?? "unknown";
}
