import type { IncomingMessage } from "node:http";

/** Largest request body, in bytes. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** A request's body: parsed JSON, or why there is none. `absent`: not JSON by its content type, left unread. */
export type Body =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "absent" }
  | { readonly kind: "invalid" }
  | { readonly kind: "too-large" };

/** Reads the body of a POST. */
export async function readBody(req: IncomingMessage): Promise<Body> {
  if (req.method !== "POST" || !isJson(req.headers["content-type"])) return { kind: "absent" };
  if (Number(req.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return { kind: "too-large" };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) return { kind: "too-large" };
    chunks.push(chunk);
  }
  try {
    return { kind: "json", value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch {
    return { kind: "invalid" };
  }
}

/** Whether a JSON-RPC body opens a session of the 2025 revisions. */
export function isInitialize(body: unknown): boolean {
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  return messages.some(
    (message) => (message as { method?: unknown } | null | undefined)?.method === "initialize",
  );
}

function isJson(contentType: string | undefined): boolean {
  return contentType?.split(";")[0]?.trim().toLowerCase() === "application/json";
}
