import { type JsonObject, METHODS, ORDERING_EXTENSION } from "@mcp-events/protocol";
import { TYPES } from "../event-types";
import { ProcessClock } from "../kernel/process-clock";
import type { World } from "../kernel/world";
import { HttpCarrier } from "../network/carrier";
import { type ServerAddress, SimConnection } from "../network/connection";
import type { Link } from "../network/link";
import type { Endpoint, Web } from "../network/web";
import type { Line } from "../oracle/line";
import type { ClientPlan } from "../plan";

/** What a plain receiver is made of. */
export interface PlainParts {
  readonly world: World;
  readonly plan: ClientPlan;
  readonly link: Link;
  readonly web: Web;
  readonly server: ServerAddress;
  readonly line: Line;
}

/** How often it refreshes its subscription, in milliseconds. */
const REFRESH_MS = 500;

/**
 * A receiver of webhooks that knows nothing of the contract, as any verifier of Standard Webhooks with a handler behind
 * it: it hands out on arrival, answers when the handler is done, and knows copies by `eventId`.
 */
export class PlainReceiver implements Endpoint {
  readonly link: Link;
  readonly clock: ProcessClock;
  readonly #url: string;
  readonly #secret: string;
  readonly #done = new Set<string>();
  readonly #underWay = new Map<string, Promise<number>>();
  #cursor: unknown = null;

  constructor(private readonly parts: PlainParts) {
    const { world, plan, link, web } = parts;
    this.link = link;
    this.clock = new ProcessClock(world.loop, { ms: 0 });
    const host = `${plan.name}.example`;
    this.#url = `https://${host}/hook`;
    this.#secret = `whsec_${btoa(`secret of ${plan.name}`.padEnd(32, "."))}`;
    web.listen(host, this);
    void this.#live();
  }

  kill(): void {
    this.clock.kill();
  }

  async receive(_url: string, body: JsonObject, signed: readonly string[]): Promise<number> {
    if (!signed.includes(this.#secret)) return 401;
    if (body.type !== undefined) return 200;
    const id = String(body.eventId);
    if (this.#done.has(id)) return 200;
    const known = this.#underWay.get(id);
    if (known !== undefined) return known;
    const handling = this.#handle(id, body).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, handling);
    return handling;
  }

  async #handle(id: string, { data, cursor }: JsonObject): Promise<number> {
    const { world, line } = this.parts;
    await this.clock.sleep(world.random.between(0, 15));
    if (world.strikes("handlerFailed", "handler failed")) return 500;
    line.handledForGood({ kind: "event", n: (data as { n: number }).n });
    this.#done.add(id);
    if (typeof cursor === "string") this.#cursor = cursor;
    return 200;
  }

  async #live(): Promise<void> {
    const { world, plan, link, server } = this.parts;
    const connection = new SimConnection({
      world,
      name: plan.name,
      carrier: new HttpCarrier(link),
      server,
      principal: plan.principal,
      clock: this.clock,
      watchStream: () => () => {},
    });
    while (this.clock.alive) {
      const isRefreshed = await this.#subscribe(connection);
      await this.clock.sleep(isRefreshed ? REFRESH_MS : 50);
    }
  }

  async #subscribe(connection: SimConnection): Promise<boolean> {
    const { plan, line } = this.parts;
    const params = {
      name: TYPES[plan.types[0]!]!.name,
      arguments: plan.tags === undefined ? {} : { tags: [...plan.tags] },
      delivery: { mode: "webhook", url: this.#url, secret: this.#secret },
      cursor: this.#cursor as string | null,
      ttlMs: 3_000,
    };
    try {
      const answer = await connection.request(METHODS.subscribe, params, { timeoutMs: 700 });
      this.#cursor ??= answer.cursor;
      const place = (answer._meta as JsonObject | undefined)?.[ORDERING_EXTENSION] as
        | { epoch: number; through: number }
        | undefined;
      if (place !== undefined) line.begin(place.epoch, place.through);
      return true;
    } catch {
      return false;
    }
  }
}
