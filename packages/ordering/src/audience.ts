import { canonicalJson, type JsonObject } from "@mcp-events/protocol";

/**
 * The audience of one (principal, name, arguments), as {@link NewEntry.audience} carries it; never narrower than that.
 *
 * @param principal - `null` for anonymous subscribers, and for what is the same for every principal.
 */
export function audienceOf(principal: string | null, name: string, args: JsonObject): string {
  return canonicalJson([principal, name, args]);
}
