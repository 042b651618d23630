import { type HostRequest, WireError } from "@mcp-events/protocol";

/**
 * The authenticated principal of a request (HOOK-2).
 *
 * @throws WireError `Forbidden` for an anonymous caller.
 */
export function requirePrincipal({ principal }: HostRequest): string {
  if (principal !== null) return principal;
  throw new WireError("Forbidden", "Webhook subscriptions need an authenticated principal");
}
