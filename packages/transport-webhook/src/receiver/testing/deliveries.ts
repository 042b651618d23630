import type { WebhookCallback } from "@mcp-events/protocol";
import { ManualClock } from "../../../../ordering/src/testing/manual-clock";
import { signWebhook } from "../../signature/sign-webhook";
import type { WebhookRequest } from "../outcome";

/** The time at which tests begin. */
export const START = 1_704_067_200_000;

export const encoder = new TextEncoder();

export function manualClock(): ManualClock {
  return new ManualClock(START);
}

/** How {@link delivery} differs from what is right. */
export interface DeliveryOptions {
  readonly body: object | string;
  /** Default: the body's `eventId`, else that of a message. */
  readonly id?: string | undefined;
  /** In milliseconds; default {@link START}. */
  readonly at?: number | undefined;
  /** Default: the callback's newest. */
  readonly secrets?: readonly string[] | undefined;
  /** Default: `sub_1`. */
  readonly subscriptionId?: string | undefined;
  readonly headers?: Record<string, string | undefined> | undefined;
}

/** A delivery as a server makes it. */
export async function delivery(
  callback: Pick<WebhookCallback, "url" | "secret">,
  { body, at = START, secrets = [callback.secret], subscriptionId = "sub_1", ...rest }: DeliveryOptions,
): Promise<WebhookRequest & { body: Uint8Array; headers: Record<string, string | undefined> }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const id = rest.id ?? (body as { eventId?: string }).eventId ?? "msg_control_1";
  const timestamp = Math.floor(at / 1_000);
  const signatures = await Promise.all(
    secrets.map((secret) => signWebhook({ id, timestamp, body: text, secret })),
  );
  return {
    method: "POST",
    path: new URL(callback.url).pathname,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signatures.join(" "),
      "x-mcp-subscription-id": subscriptionId,
      ...rest.headers,
    },
    body: encoder.encode(text),
  };
}

/** An event without a place in a log. */
export function event(eventId: string, data: object = {}): object {
  return { eventId, name: "note", timestamp: "2024-01-01T00:00:00.000Z", data, cursor: null };
}
