import type { DeadLetter, SettledPlace } from "@mcp-events/ordering";
import { type DeliveryStatus, EventsError, type JsonObject } from "@mcp-events/protocol";
import type { Engine } from "../engine";
import type { Emitted } from "../types";
import { redriveEntry } from "./dead-letters";
import type { WebhookSubscription } from "./webhook-subscription";

/** A living webhook subscription, as its server's operator sees it; never its secret. */
export interface WebhookInfo {
  readonly id: string;
  readonly principal: string;
  readonly url: string;
  readonly name: string;
  readonly arguments: JsonObject;
  /** When it ends by itself, in milliseconds since the epoch; `null`: never. */
  readonly expiresAt: number | null;
  readonly status: DeliveryStatus;
  /** How far its events are settled. */
  readonly settled: SettledPlace;
}

/** Dead letters: events that were given up for one subscription (ORDERING rule 14). */
export interface DeadLetters {
  /**
   * The oldest first; `after` is the last id of the page before.
   *
   * @param request.limit - Default 100.
   */
  list(request?: {
    subscriptionId?: string | undefined;
    after?: string | undefined;
    limit?: number | undefined;
  }): Promise<readonly DeadLetter[]>;
  /**
   * Sends one again: as a new event under an id of its own, to the subscriptions of its principal with its arguments, in
   * every mode; then it is dropped.
   *
   * @throws EventsError `event_unknown` when there is no such dead letter, or its event type is gone; `closed`; as `emit` does.
   */
  replay(id: string): Promise<Emitted>;
  /** Forgets one; false when it was not there. */
  drop(id: string): Promise<boolean>;
}

/** What a server's operator does with webhook subscriptions. */
export interface WebhookAdmin {
  /** Living subscriptions. */
  list(): WebhookInfo[];
  /** Stops delivery to one until it is resumed or refreshed; false when there is none of that id. */
  suspend(id: string): boolean;
  /** Lets delivery go on; false when there is none of that id. */
  resume(id: string): boolean;
  readonly deadLetters: DeadLetters;
}

const PAGE = 100;

/** Makes the operator's view of a server. Without a webhook transport there is nothing to see. */
export function webhookAdmin(engine: Engine): WebhookAdmin {
  const find = (id: string): WebhookSubscription | undefined => engine.webhooks?.find(id);
  const letters = () => engine.webhooks?.store.deadLetters;
  return {
    list: () => (engine.webhooks?.all() ?? []).map(infoOf),
    suspend(id) {
      find(id)?.suspend();
      return find(id) !== undefined;
    },
    resume(id) {
      find(id)?.resume();
      return find(id) !== undefined;
    },
    deadLetters: {
      list: async ({ subscriptionId, after, limit = PAGE } = {}) =>
        (await letters()?.page({ subscriptionId, after, limit })) ?? [],
      async replay(id) {
        if (engine.closing.aborted) throw new EventsError("closed", "The event server is closed");
        const letter = await letters()?.get(id);
        if (letter === undefined) {
          throw new EventsError("event_unknown", `There is no dead letter ${JSON.stringify(id)}`);
        }
        const emitted = await redrive(engine, letter);
        await letters()?.delete(id);
        return emitted;
      },
      drop: async (id) => (await letters()?.delete(id)) ?? false,
    },
  };
}

async function redrive(engine: Engine, letter: DeadLetter): Promise<Emitted> {
  const { name } = letter.entry;
  if (!engine.registry.has(name))
    throw new EventsError("event_unknown", `${name}: there is no such event type`);
  const { sharedCheck = false } = engine.registry.require(name).options;
  const entry = redriveEntry(letter, sharedCheck);
  const [appended] = await engine.logOf(letter.log).queue.push(1, [entry]);
  const { eventId } = entry;
  const { epoch, seq, duplicate } = appended!;
  engine.observer.append({ log: letter.log, name, eventId, epoch, seq, duplicate });
  return { log: letter.log, epoch, seq, eventId, duplicate };
}

function infoOf({ stored, status, place }: WebhookSubscription): WebhookInfo {
  const { id, principal, url, name, arguments: args, expiresAt } = stored;
  return { id, principal, url, name, arguments: args, expiresAt, status, settled: place };
}
