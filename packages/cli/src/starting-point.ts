import { createEventClient } from "@mcp-events/client";
import { decodeCursor, encodeCursor } from "@mcp-events/protocol";
import type { Server } from "./connect/server";
import { EXIT_CODES } from "./exit-codes";
import { CliError, usageError } from "./failures/cli-error";
import type { Selection } from "./options/event-arguments";

/**
 * Reads `--from`: `now` (no cursor), `oldest`, or a cursor.
 *
 * @throws CliError (usage) for an empty word; (failed) when the server's oldest position cannot be named.
 */
export async function startingCursor(
  server: Pick<Server, "connection">,
  selection: Selection,
  from: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (from === "") throw usageError("--from takes now, oldest, or a cursor, not an empty word");
  if (from === "now") return undefined;
  return from === "oldest" ? oldest(server, selection, signal) : from;
}

/** Asks where the log stands now, and names its beginning: what retention dropped of it comes as a gap (CUR-6). */
async function oldest(
  { connection }: Pick<Server, "connection">,
  { name, arguments: args }: Selection,
  signal: AbortSignal,
): Promise<string> {
  const events = createEventClient(connection);
  try {
    const subscription = await events.subscribe(name, args, { delivery: ["poll", "push"], signal });
    return beginningOf(subscription.cursor, name);
  } finally {
    await events.close();
  }
}

/**
 * The cursor of the beginning of the log that a cursor lies in.
 *
 * @throws CliError (failed) when there is none, or it is not in our format, or signed.
 */
export function beginningOf(cursor: string | null, name: string): string {
  if (cursor === null) throw noBeginning(`${name} does not replay`);
  const position = decodeCursor(cursor);
  if (position === undefined) throw noBeginning("the server's cursors are of a format of its own");
  if (cursor.includes(".")) throw noBeginning("the server signs its cursors");
  return encodeCursor({ ...position, seq: 0 });
}

function noBeginning(why: string): CliError {
  const hint = "Begin from now, or from a cursor that an earlier poll or position file holds.";
  return new CliError(EXIT_CODES.failed, `--from oldest is not possible: ${why}`, hint);
}
