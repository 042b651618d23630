import { usageError } from "../failures/cli-error";

/** A cursor no server can read: it is answered with what the server still has, and a gap for what it has not (CUR-6). */
const OLDEST = "oldest";

/**
 * Reads `--from`: `now` (no cursor), `oldest`, or a cursor.
 *
 * @throws CliError (usage) for an empty word.
 */
export function startingCursor(from: string): string | undefined {
  if (from === "") throw usageError("--from takes now, oldest, or a cursor, not an empty word");
  return from === "now" ? undefined : from === "oldest" ? OLDEST : from;
}
