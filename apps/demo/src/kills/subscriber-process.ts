import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@mcp-events/protocol";
import { type ConnectedClient, connectHttp, type SdkLine } from "../clients/connect";
import type { KillsCallback } from "./receiver-process";
import { TIMING } from "./timing";

/** What the process is told: one JSON argument. */
export interface KillsSubscriberConfig {
  readonly sdk: SdkLine;
  readonly url: string;
  readonly token: string;
  /** Where the receiver tells its callbacks. */
  readonly receiverUrl: string;
  readonly window: number;
  /** Arguments of each event type. */
  readonly arguments: Readonly<Record<string, JsonObject>>;
}

/** Where each subscription began: until the receiver has a position of its own, it goes on from there. */
const granted = new Map<string, string>();

/** Subscribes for a receiver that is another process, and refreshes, again and again. */
async function main(config: KillsSubscriberConfig): Promise<void> {
  process.once("disconnect", () => process.exit(0));
  for (;;) {
    await untilItFails(config).catch(() => {});
    await sleep(TIMING.reconnectMs);
  }
}

async function untilItFails(config: KillsSubscriberConfig): Promise<never> {
  const connected = await connectHttp(config.sdk, new URL(config.url), config.token);
  try {
    for (;;) {
      const response = await fetch(new URL("/callbacks", config.receiverUrl));
      const callbacks = (await response.json()) as KillsCallback[];
      await Promise.all(callbacks.map((callback) => subscribe(connected, config, callback)));
      process.send?.("ready");
      await sleep(TIMING.refreshMs);
    }
  } finally {
    await connected.close().catch(() => {});
  }
}

async function subscribe(
  { events }: ConnectedClient,
  config: KillsSubscriberConfig,
  { name, url, secret, cursor }: KillsCallback,
): Promise<void> {
  const params: JsonObject = {
    name,
    arguments: config.arguments[name] ?? {},
    cursor: cursor ?? granted.get(name) ?? null,
    delivery: { mode: "webhook", url, secret },
    ttlMs: TIMING.subscriberTtlMs,
    ...(config.window > 0 && {
      _meta: { "dev.mcp-events/ordering": { resequence: { window: config.window, holdMs: TIMING.holdMs } } },
    }),
  };
  const result = await events.request("events/subscribe", params, { timeoutMs: TIMING.requestMs });
  const { id } = result;
  if (typeof result.cursor === "string" && !granted.has(name)) granted.set(name, result.cursor);
  const body = JSON.stringify({ name, id });
  await fetch(new URL("/settle", config.receiverUrl), { method: "POST", body });
}

void main(JSON.parse(process.argv[2] ?? ""));
