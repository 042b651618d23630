import { EventsError } from "@mcp-events/protocol";

/**
 * Bun puts a module of its own in the place of `undici`. It makes no connections to a given address, and on that rests
 * that no post goes to an address that was not checked (HOOK-15).
 *
 * @throws EventsError `option_invalid` when `versions` are those of Bun.
 */
export function refuseBun(versions: Readonly<Record<string, string | undefined>>): void {
  if (versions.bun === undefined) return;
  throw new EventsError(
    "option_invalid",
    "webhook() cannot post from Bun, which replaces undici; post from Node or Deno",
  );
}
