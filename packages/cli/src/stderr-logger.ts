import { EventsError, type Logger, WireError } from "@mcp-events/protocol";
import { rootMessage } from "./failures/causes";
import { safeJson, safeText } from "./format/safe-text";
import type { Output } from "./output";

/** What the libraries say, on stderr: warnings and errors, with `verbose` everything. */
export function stderrLogger(out: Pick<Output, "note">, verbose: boolean): Logger {
  const say = (message: string, details?: Record<string, unknown>) =>
    out.note(`mcp-events: ${safeText(message)}${detailsText(details)}`);
  const quiet = () => {};
  return {
    debug: verbose ? say : quiet,
    info: verbose ? say : quiet,
    warn: say,
    error: say,
  };
}

function detailsText(details: Record<string, unknown> | undefined): string {
  if (details === undefined) return "";
  const { error, ...rest } = details;
  const why = error === undefined ? "" : `: ${safeText(errorText(error))}`;
  return `${why}${Object.keys(rest).length === 0 ? "" : ` ${safeJson(rest)}`}`;
}

function errorText(error: unknown): string {
  if (WireError.is(error)) return `${error.error}: ${error.message}`;
  return EventsError.is(error) ? `${error.code}: ${error.message}` : rootMessage(error);
}
