import {
  type ControlEnvelope,
  envelopeSchema,
  isJsonObject,
  isOccurrence,
  type JsonObject,
} from "@mcp-events/protocol";

/** What a verified body is. */
export type DeliveryBody =
  | { readonly kind: "event"; readonly eventId: string; readonly body: JsonObject }
  /** A gap, or the end of the subscription (HOOK-11). */
  | { readonly kind: "control"; readonly body: JsonObject }
  | { readonly kind: "verification"; readonly challenge: string }
  /** A control envelope that a later contract may know. */
  | { readonly kind: "unknown"; readonly type: string };

const KNOWN: readonly ControlEnvelope["type"][] = ["gap", "terminated", "verification"];

/** Reads a verified body: a top-level `type` makes it a control envelope (HOOK-11). `undefined` when it is malformed. */
export function readDelivery(bytes: Uint8Array): DeliveryBody | undefined {
  const body = parse(bytes);
  if (!isJsonObject(body)) return undefined;
  const { type } = body;
  if (type === undefined)
    return isOccurrence(body) ? { kind: "event", eventId: body.eventId, body } : undefined;
  if (typeof type !== "string") return undefined;
  if (!KNOWN.some((known) => known === type)) return { kind: "unknown", type };
  const { data: envelope } = envelopeSchema.safeParse(body);
  if (envelope === undefined) return undefined;
  if (envelope.type === "verification") return { kind: "verification", challenge: envelope.challenge };
  return { kind: "control", body };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
