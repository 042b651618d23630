import { audienceOf, type DeadLetter, type NewEntry, type Outgoing } from "@mcp-events/ordering";
import type { Posted } from "./bodies";
import type { DeadLetterError, DeliveryHost } from "./delivery";

/** The record of an event that was given up (ORDERING rule 14); `undefined` when it stands for no event. */
export function deadLetterOf(
  { stored, subscription }: Pick<DeliveryHost, "stored" | "subscription">,
  { item, seq, attempts }: Outgoing<Posted>,
  lastError: DeadLetterError,
  at: number,
  epoch: number,
): DeadLetter | undefined {
  if (item === undefined || item.entry.kind === "gap") return undefined;
  const { name, eventId, timestamp, data, orderingKey, meta, redriveOf } = item.entry;
  return {
    id: `${stored.id}:${epoch}:${seq}`,
    subscriptionId: stored.id,
    principal: stored.principal,
    url: stored.url,
    arguments: stored.arguments,
    log: subscription.type.logName,
    epoch,
    entry: { seq, name, eventId, timestamp, data, orderingKey, meta, redriveOf },
    at,
    attempts: item.kind === "gap" ? 0 : attempts + 1,
    lastError,
  };
}

/** The new entry by which a dead letter is sent again: to those it was for, under an id of its own (ORDERING rule 14). */
export function redriveEntry(letter: DeadLetter, sharedCheck: boolean): NewEntry {
  const { name, timestamp, data, orderingKey, meta, redriveOf, eventId: original } = letter.entry;
  return {
    kind: "event",
    name,
    // The same for each replay of one letter: two at once make one event.
    eventId: `redrive:${letter.id}`,
    timestamp,
    data,
    audience: audienceOf(sharedCheck ? null : letter.principal, name, letter.arguments),
    redriveOf: redriveOf ?? original,
    ...(orderingKey !== undefined && { orderingKey }),
    ...(meta !== undefined && { meta }),
  };
}
