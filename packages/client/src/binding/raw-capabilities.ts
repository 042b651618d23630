import { clientCapabilities, isJsonObject, type JsonObject, METHODS } from "@mcp-events/protocol";
import { ANY_RESULT, isModern, type SdkClient } from "./sdk-client";

/** `_meta` key of the capabilities that a client of 2026-07-28 sends with every request. */
const CLIENT_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const METHOD_NAMES: ReadonlySet<unknown> = new Set(Object.values(METHODS));

/** The capabilities inside an `initialize` response, unparsed; `undefined` for any other message. */
export function initializeCapabilities(message: unknown): JsonObject | undefined {
  if (!isJsonObject(message) || !isJsonObject(message.result)) return undefined;
  const { protocolVersion, capabilities } = message.result;
  return typeof protocolVersion === "string" && isJsonObject(capabilities) ? capabilities : undefined;
}

/**
 * What the server declares, with what the SDK strips: 2026-07-28 is asked again by `server/discover`, read loosely. An
 * older connection that was made before binding has only what the SDK kept, which includes the extension (CAP-1) but
 * not the top-level form (CAP-2).
 */
export async function declaredCapabilities(client: SdkClient): Promise<JsonObject | undefined> {
  const kept = client.getServerCapabilities?.();
  if (!isModern(client)) return kept;
  const request = { method: "server/discover", params: {} };
  const discovered = await client.request(request, ANY_RESULT, {}).catch(() => undefined);
  return isJsonObject(discovered?.capabilities) ? discovered.capabilities : kept;
}

/** Adds the client's declaration (CAP-3) to a request of events whose envelope lacks it, when it could not be registered. */
export function declareInEnvelope(message: JsonObject): JsonObject {
  const { params } = message;
  if (!METHOD_NAMES.has(message.method) || !isJsonObject(params) || !isJsonObject(params._meta))
    return message;
  const capabilities = params._meta[CLIENT_CAPABILITIES];
  if (!isJsonObject(capabilities)) return message;
  const extensions = isJsonObject(capabilities.extensions) ? capabilities.extensions : {};
  const own = clientCapabilities().extensions as JsonObject;
  const declared = { ...capabilities, extensions: { ...own, ...extensions } };
  return { ...message, params: { ...params, _meta: { ...params._meta, [CLIENT_CAPABILITIES]: declared } } };
}
