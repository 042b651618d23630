import { isOccurrence, type JsonObject } from "@mcp-events/protocol";
import { safeJson, safeText } from "./safe-text";
import type { Styles } from "./styles";

/** A page of `events/poll` for people: an event a line, then where to go on. What cannot be read is shown as it came. */
export function pageText(page: JsonObject, styles: Styles): string {
  const events = Array.isArray(page.events) ? page.events : [];
  const lines = events.map((event) => eventLine(event, styles));
  if (page.truncated === true) {
    lines.unshift(styles.warning("--- gap: the server no longer has what came before"));
  }
  return [...lines, ...tail(page, styles)].join("\n");
}

function eventLine(event: unknown, styles: Styles): string {
  if (!isOccurrence(event)) return `${styles.bad("malformed")} ${safeJson(event)}`;
  const { timestamp, name, data } = event;
  return `${styles.faint(safeText(timestamp))} ${styles.name(safeText(name))} ${safeJson(data)}`;
}

function tail(page: JsonObject, styles: Styles): string[] {
  const { cursor, hasMore, nextPollMs } = page;
  const where =
    typeof cursor === "string" ? `cursor: ${safeText(cursor)}` : "cursor: none, the type does not replay";
  const when =
    hasMore === true ? "more is waiting" : isCount(nextPollMs) ? `next poll in ${nextPollMs} ms` : undefined;
  return [styles.strong(where), ...(when === undefined ? [] : [styles.faint(when)])];
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A page as one line of JSON, as the server sent it. */
export function pageJson(page: JsonObject): string {
  const { resultType: _, ...rest } = page;
  return safeJson(rest);
}
