import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonObject, type JsonObject } from "@mcp-events/protocol";
import { verify } from "@octokit/webhooks-methods";
import { eventTypeOf } from "./examples";

/** Largest body that GitHub sends, in bytes. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** A delivery whose signature was right. */
export interface VerifiedDelivery {
  /** `X-GitHub-Delivery`. */
  readonly id: string;
  readonly type: string;
  readonly payload: JsonObject;
}

/** Answers a webhook delivery: 202 once `accept` is done, 401 for a wrong signature, 400 for what is no delivery. */
export async function receiveDelivery(
  req: IncomingMessage,
  res: ServerResponse,
  secret: string,
  accept: (delivery: VerifiedDelivery) => Promise<void>,
): Promise<void> {
  const kind = header(req, "x-github-event");
  const id = header(req, "x-github-delivery");
  const body = await readBody(req);
  if (body === undefined) return answer(res, 413);
  if (!(await isGenuine(secret, body, header(req, "x-hub-signature-256")))) return answer(res, 401);
  const payload = parseObject(body);
  if (kind === undefined || id === undefined || payload === undefined) return answer(res, 400);
  await accept({ id, type: eventTypeOf(kind, payload), payload });
  answer(res, 202);
}

async function isGenuine(secret: string, body: string, signature: string | undefined): Promise<boolean> {
  if (signature === undefined || body === "") return false;
  return verify(secret, body, signature);
}

async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseObject(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function answer(res: ServerResponse, status: number): void {
  res.writeHead(status, { "content-length": 0 }).end();
}
