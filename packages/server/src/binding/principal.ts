import { isJsonObject } from "@mcp-events/protocol";

/**
 * The subject of an SDK's `AuthInfo`: `extra.sub`, else `extra.principal`, else `null` (anonymous).
 *
 * Never `clientId`: that is the OAuth application, shared by all its users. A token verifier that leaves no subject
 * in `extra` therefore gives anonymous callers; give `principalOf` to read it from elsewhere (HOOK-2).
 */
export function defaultPrincipalOf(authInfo: unknown): string | null {
  if (!isJsonObject(authInfo) || !isJsonObject(authInfo.extra)) return null;
  const { sub, principal } = authInfo.extra;
  if (typeof sub === "string" && sub !== "") return sub;
  return typeof principal === "string" && principal !== "" ? principal : null;
}
