import { generateWebhookSecret, type JsonObject, METHODS } from "@mcp-events/protocol";
import { withServer } from "../connect/server";
import type { Context } from "../context";
import { safeJson, safeText } from "../format/safe-text";
import type { CommonOptions } from "../options/common";
import { requireEvents } from "../require-events";
import { startingCursor } from "../starting-point";
import { callbackOf, type WebhookRequest } from "./webhook-request";

/** The variable that the signing secret of an endpoint elsewhere is read from. */
export const SECRET_VARIABLE = "MCP_EVENTS_WEBHOOK_SECRET";

/** Time the server may take; it asks the endpoint while the request runs (HOOK-8). In milliseconds. */
const ANSWER_MS = 60_000;

/** What the command line says of a subscription for an endpoint elsewhere. */
export interface OnceOptions extends CommonOptions {
  readonly json?: true | undefined;
  readonly from: string;
  readonly ttl?: number | undefined;
}

/** Subscribes an endpoint that runs elsewhere, once, and shows what the server granted. */
export async function subscribeOnce(
  context: Context,
  request: WebhookRequest,
  { json, from, ttl, ...options }: OnceOptions,
): Promise<void> {
  const { out, env, signal } = context;
  const given = env[SECRET_VARIABLE];
  const secret = given === undefined || given === "" ? generateWebhookSecret() : given;
  await withServer(context, options, async (server) => {
    const { connection } = server;
    await requireEvents(connection);
    const cursor = await startingCursor(server, request, from, signal);
    const params = onceParams(request, secret, cursor, ttl);
    const result = await connection.request(METHODS.subscribe, params, { signal, timeoutMs: ANSWER_MS });
    const { id, refreshBefore, cursor: granted } = result;
    const shown = { id, refreshBefore, cursor: granted, ...(secret !== given && { secret }) };
    if (json) return out.line(safeJson(shown));
    for (const [name, value] of Object.entries(shown)) {
      await out.line(`${name.padEnd(14)}${safeText(value === null ? "none" : String(value))}`);
    }
    out.note(`Run the same command with ${SECRET_VARIABLE} before \`refreshBefore\` to keep it.`);
  });
}

/** Parameters of `events/subscribe` (HOOK-1). */
export function onceParams(
  request: WebhookRequest,
  secret: string,
  cursor: string | undefined,
  ttlMs: number | undefined,
): JsonObject {
  return {
    name: request.name,
    arguments: request.arguments,
    delivery: { mode: "webhook", url: callbackOf(request), secret },
    cursor: cursor ?? null,
    ...(ttlMs !== undefined && { ttlMs }),
  };
}
