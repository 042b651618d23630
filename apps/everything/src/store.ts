import type { LogStore } from "@mcp-events/ordering";
import { natsStore } from "@mcp-events/store-nats";

/** What `--store` takes. */
export const STORE_URLS = ["nats://HOST:PORT[,HOST:PORT…][?replicas=N&prefix=NAME]"] as const;

/** Whether a URL names a kind of store that is known. */
export function isStoreUrl(url: string): boolean {
  return url.startsWith("nats://");
}

/**
 * Opens the store that a URL names.
 *
 * @throws EventsError `option_invalid` when the URL says what the store does not take.
 */
export function openStore(url: string, maxEntries: number): LogStore {
  const [hosts = "", query] = url.slice("nats://".length).split("?");
  const params = new URLSearchParams(query);
  const replicas = params.get("replicas");
  return natsStore({
    servers: hosts.split(",").map((host) => `nats://${host}`),
    maxEntries,
    prefix: params.get("prefix") ?? undefined,
    replicas: replicas === null ? undefined : Number(replicas),
    // A deployment gives a key; this fixture has nothing to hide.
    plaintextSecrets: true,
  });
}
