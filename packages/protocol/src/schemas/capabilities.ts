import { isJsonObject, type JsonObject } from "../json";
import { EVENTS_EXTENSION, ORDERING_EXTENSION, ORDERING_VERSION } from "../names";

/**
 * What an event server declares: the extension, the top-level form that deployed clients read, and the ordering
 * extension (CAP-1, CAP-2).
 */
export function serverCapabilities(options: { listChanged: boolean }): JsonObject {
  const events = { listChanged: options.listChanged };
  return {
    events,
    extensions: { [EVENTS_EXTENSION]: events, [ORDERING_EXTENSION]: { version: ORDERING_VERSION } },
  };
}

/** What an event client declares (CAP-3). */
export function clientCapabilities(): JsonObject {
  return { extensions: { [EVENTS_EXTENSION]: {}, [ORDERING_EXTENSION]: { version: ORDERING_VERSION } } };
}

/** What a server's capabilities say about events; `undefined` when it declared neither form (CAP-3). */
export function readServerCapabilities(capabilities: unknown): { listChanged: boolean } | undefined {
  if (!isJsonObject(capabilities)) return undefined;
  const extensions = isJsonObject(capabilities.extensions) ? capabilities.extensions : {};
  const declared = extensions[EVENTS_EXTENSION] ?? capabilities.events;
  return isJsonObject(declared) ? { listChanged: declared.listChanged === true } : undefined;
}
