import {
  isJsonObject,
  type JsonObject,
  type OrderingPosition,
  orderingPositionSchema,
  pollResultSchema,
  readOrdering,
} from "@mcp-events/protocol";

const envelopeSchema = pollResultSchema.omit({ events: true });

/** A poll result whose events are still to be read, each for itself. */
export interface RawPage {
  readonly events: readonly JsonObject[];
  readonly cursor: string | null;
  readonly truncated: boolean;
  readonly position: OrderingPosition | undefined;
  readonly summary: { readonly hasMore: boolean; readonly nextPollMs: number | undefined };
}

/** Reads the envelope of a poll result; `undefined` when it is not one. */
export function readPage(result: JsonObject): RawPage | undefined {
  const parsed = envelopeSchema.safeParse(result);
  const events = result.events ?? [];
  if (!parsed.success || !Array.isArray(events)) return undefined;
  const { cursor, truncated, hasMore, nextPollMs, _meta } = parsed.data;
  return {
    events: events.map((event: unknown) => (isJsonObject(event) ? event : {})),
    cursor,
    truncated,
    position: readOrdering(_meta, orderingPositionSchema),
    summary: { hasMore, nextPollMs },
  };
}
