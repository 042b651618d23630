import { EVENTS_EXTENSION, isJsonObject, type JsonObject, ORDERING_EXTENSION } from "@mcp-events/protocol";

/** In which forms a server declares events, and what else of it concerns them (CAP-1, CAP-2). */
export interface Declared {
  readonly extension: boolean;
  readonly topLevel: boolean;
  readonly listChanged: boolean;
  /** Version of the ordering extension; `undefined` when it is not declared. */
  readonly ordering: unknown;
}

/** Reads a server's capabilities, whatever they are. */
export function declaredIn(capabilities: JsonObject): Declared {
  const extensions = isJsonObject(capabilities.extensions) ? capabilities.extensions : {};
  const extension = extensions[EVENTS_EXTENSION];
  const topLevel = capabilities.events;
  const ordering = extensions[ORDERING_EXTENSION];
  return {
    extension: isJsonObject(extension),
    topLevel: isJsonObject(topLevel),
    listChanged: [extension, topLevel].some((one) => isJsonObject(one) && one.listChanged === true),
    ordering: isJsonObject(ordering) ? ordering.version : undefined,
  };
}
