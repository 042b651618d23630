import type { LogStore, WebhookStore } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import { Connection } from "./connection";
import { NatsDeadLetters } from "./kv/dead-letters";
import { Sealing } from "./kv/sealing";
import { NatsSubscriptions } from "./kv/subscriptions";
import { NatsLog } from "./log/nats-log";
import { type NatsStoreOptions, resolveNatsOptions } from "./options";

/** A {@link LogStore} that any number of processes share. */
export interface NatsStore extends LogStore {
  readonly durable: true;
  readonly webhooks: WebhookStore;
}

/**
 * Logs, webhook subscriptions and dead letters in NATS JetStream, for one process or many replicas (ORD-6). Connects when
 * it is first used.
 *
 * @throws EventsError `option_invalid` naming the option.
 */
export function natsStore(options: NatsStoreOptions): NatsStore {
  return storeOn(new Connection(resolveNatsOptions(options)));
}

/** A store that uses a connection, and closes it. */
export function storeOn(connection: Connection): NatsStore {
  const resolved = connection.options;
  const subscriptions = new NatsSubscriptions(connection, new Sealing(resolved.secretKeys));
  const deadLetters = new NatsDeadLetters(connection, resolved.maxDeadLetters);
  const webhooks = { shared: true, subscriptions, deadLetters };
  const logs = new Map<string, Promise<NatsLog>>();
  let closed = false;
  return {
    durable: true,
    get webhooks() {
      if (resolved.secretKeys.length > 0 || resolved.plaintextSecrets) return webhooks;
      throw new EventsError(
        "option_invalid",
        "natsStore: webhook subscriptions have secrets: give secretKey, which encrypts them, or plaintextSecrets: true",
      );
    },
    open(name) {
      if (closed) throw new EventsError("closed", `natsStore: cannot open log "${name}" after close`);
      const known = logs.get(name);
      if (known !== undefined) return known;
      const log = new NatsLog(name, connection);
      const opening = log.open().then(() => log);
      logs.set(name, opening);
      opening.catch(() => logs.delete(name));
      return opening;
    },
    async close() {
      if (closed) return;
      closed = true;
      const open = await Promise.allSettled(logs.values());
      for (const result of open) if (result.status === "fulfilled") await result.value.close();
      logs.clear();
      subscriptions.close();
      deadLetters.close();
      await connection.close();
    },
  };
}
