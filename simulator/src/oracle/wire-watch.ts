import {
  type JsonObject,
  type Message,
  NOTIFICATIONS,
  ORDERING_EXTENSION,
  type WebhookTarget,
} from "@mcp-events/protocol";
import type { World } from "../kernel/world";
import type { PostWatch } from "../network/sim-sender";
import type { ClientPlan } from "../plan";

interface Place {
  readonly epoch: number;
  readonly through?: number | undefined;
  readonly seq?: number | undefined;
  readonly key?: string | undefined;
}

function placeOf({ _meta }: JsonObject): Place | undefined {
  return (_meta as JsonObject | undefined)?.[ORDERING_EXTENSION] as Place | undefined;
}

/** What may be seen on the wire itself, whatever a client makes of it (PUSH-2, ORDERING rules 7 and 10). */
export class WireWatch {
  constructor(
    private readonly world: World,
    private readonly clients: readonly ClientPlan[],
    private readonly byKey: boolean,
  ) {}

  /** Watches one stream as the server writes it. */
  stream(name: string, params: JsonObject): (message: Message) => void {
    const title = `${name}, stream of ${params.name}`;
    let told: Place | undefined;
    let isFirst = true;
    return ({ method, params: body }) => {
      const place = placeOf(body);
      const isActive = method === NOTIFICATIONS.active;
      if (isFirst && !isActive && method === NOTIFICATIONS.event) {
        this.world.violate(`${title}: PUSH-2: an event came before \`active\``);
      }
      isFirst = false;
      if (place === undefined) return;
      const at = place.seq ?? place.through ?? 0;
      const isEvent = method === NOTIFICATIONS.event;
      const known = told !== undefined && told.epoch === place.epoch ? (told.through ?? 0) : -1;
      if (isEvent && at <= known) {
        this.world.violate(`${title}: rule 7: event at ${at} came after position ${known}`);
      }
      told = { epoch: place.epoch, through: Math.max(at, known) };
    };
  }

  /** Watches what one server process posts. */
  posts(): PostWatch {
    const flying = new Map<string, Set<string>>();
    return {
      posted: (target, body) => {
        const mine = flying.get(target.subscriptionId) ?? new Set();
        flying.set(target.subscriptionId, mine);
        const place = placeOf(body);
        const client = this.#clientOf(target);
        // A receiver of our client has a URL for each subscription, which names its type.
        const isFirst = client?.isPlain === true || decodeURIComponent(target.url).includes('"note.created"');
        const isByKey = this.byKey && isFirst;
        const lane = isByKey ? `key ${place?.key}` : "";
        const mark = `${lane}|${this.world.number()}`;
        const isBusy = [...mine].some((one) => one.startsWith(`${lane}|`));
        const window = client?.resequence?.window ?? 0;
        if (window === 0 && isBusy) {
          this.world.violate(`${target.url}: rule 10: two posts of one lane at once`);
        }
        if (window > 0 && mine.size >= window) {
          this.world.violate(`${target.url}: rule 10: more than ${window} posts at once`);
        }
        mine.add(mark);
        return () => void mine.delete(mark);
      },
    };
  }

  #clientOf({ url }: WebhookTarget): ClientPlan | undefined {
    const name = new URL(url).host.split(".")[0];
    return this.clients.find((one) => one.name === name);
  }
}
