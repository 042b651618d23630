import type { GapReason, ItemPosition, SubscriptionGap, SubscriptionItem } from "@mcp-events/client";
import { safeJson, safeText } from "./safe-text";
import type { Styles } from "./styles";

/** Turns an item of a subscription into one line. */
export type ItemFormat = (item: SubscriptionItem) => string;

/** One JSON object a line: `kind` is `event` or `gap`. */
export const jsonItem: ItemFormat = (item) => {
  if (item.kind === "gap") {
    const { kind, reason, from, to } = item;
    return safeJson({ kind, reason, from, to });
  }
  const { kind, eventId, name, timestamp, position, mode, data, meta } = item;
  return safeJson({ kind, eventId, name, timestamp, position, mode, data, meta });
};

/** A line for people: time, name, number in the log, data; gaps set off. */
export function readableItem(styles: Styles): ItemFormat {
  return (item) => {
    if (item.kind === "gap") return styles.warning(`--- gap: ${gapText(item)}`);
    const { timestamp, name, position, data } = item;
    const number = position === undefined ? [] : [styles.faint(`#${position.seq}`)];
    return [styles.faint(safeText(timestamp)), styles.name(safeText(name)), ...number, safeJson(data)].join(
      " ",
    );
  };
}

const REASONS: Readonly<Record<GapReason, string>> = {
  truncated: "the server no longer has what came before",
  reset: "the server's log began anew",
  restart: "this side began anew without a position",
  lost: "events are missing and nobody can give them again",
  overflow: "events came faster than they were read, and the type does not replay",
  given_up: "the server gave an event up after its last attempt",
};

function gapText({ reason, from, to }: SubscriptionGap): string {
  const text = REASONS[reason] ?? safeText(reason);
  const where = [from && `after ${place(from)}`, to && `up to ${place(to)}`].filter(Boolean).join(", ");
  return where === "" ? text : `${text} (${where})`;
}

function place({ log, epoch, seq }: ItemPosition): string {
  return `#${seq} of ${safeText(log)}/${epoch}`;
}
