import type { Clock } from "@mcp-events/protocol";
import { Chain, type Link } from "./chain";
import type { Rates } from "./rates";

/** How many may be under way at once. */
export interface PlaceLimits {
  readonly perHost: number;
  readonly total: number;
  /** How often one may begin at a host; `undefined`: as often as there is a place. */
  readonly rates?: Rates | undefined;
}

/** One who wants to be under way at a host. */
export class Place implements Link<Place> {
  before: Place | undefined;
  after: Place | undefined;
  state: "outside" | "waiting" | "inside" = "outside";

  constructor(
    readonly hostname: string,
    /** Called once, when the place is there; at once, or while another leaves. */
    readonly begin: () => void,
  ) {}
}

class Host implements Link<Host> {
  before: Host | undefined;
  after: Host | undefined;
  readonly waiting = new Chain<Place>();
  inside = 0;
  /** In the round of hosts that may go on when there is a place in all. */
  inRound = false;
  /** Takes back the timer that waits for the rate. */
  unwake: (() => void) | undefined;

  constructor(readonly name: string) {}
}

/**
 * Who may be under way: first come, first served at each host, and hosts in turn where the total is the limit, so that a
 * slow host holds up nobody else.
 */
export class Places {
  readonly #hosts = new Map<string, Host>();
  readonly #round = new Chain<Host>();
  #inside = 0;
  #admitting = false;

  constructor(
    private readonly limits: PlaceLimits,
    private readonly clock: Clock,
  ) {}

  /** Waits for a place, then begins. */
  enter(place: Place): void {
    let host = this.#hosts.get(place.hostname);
    if (host === undefined) {
      host = new Host(place.hostname);
      this.#hosts.set(place.hostname, host);
    }
    place.state = "waiting";
    host.waiting.push(place);
    this.#offer(host);
    this.#admit();
  }

  /** Gives the place up, or stops waiting for one; a second call does nothing. */
  leave(place: Place): void {
    const host = this.#hosts.get(place.hostname);
    if (host === undefined || place.state === "outside") return;
    if (place.state === "waiting") host.waiting.remove(place);
    else {
      host.inside -= 1;
      this.#inside -= 1;
    }
    place.state = "outside";
    this.#offer(host);
    this.#admit();
    if (host.inside === 0 && host.waiting.size === 0) this.#forget(host);
  }

  /** How many wait at a host. */
  waiting(hostname: string): number {
    return this.#hosts.get(hostname)?.waiting.size ?? 0;
  }

  /** Whether one who comes to the host now finds no place. */
  isFull(hostname: string): boolean {
    const host = this.#hosts.get(hostname);
    if (host !== undefined && host.inside >= this.limits.perHost) return true;
    return this.#inside >= this.limits.total;
  }

  /** Hosts at which somebody is or waits. */
  get hosts(): number {
    return this.#hosts.size;
  }

  /** Lets the host take part in the round while somebody can go on there, and only then. */
  #offer(host: Host): void {
    const may = host.waiting.size > 0 && host.inside < this.limits.perHost && host.unwake === undefined;
    if (may === host.inRound) return;
    host.inRound = may;
    if (may) this.#round.push(host);
    else this.#round.remove(host);
  }

  /** One at a time, however deep the calls nest: who begins may leave at once. */
  #admit(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      for (let host = this.#round.first; host && this.#inside < this.limits.total; host = this.#round.first) {
        this.#round.remove(host);
        host.inRound = false;
        if (this.#mayBegin(host)) this.#begin(host);
        this.#offer(host);
      }
    } finally {
      this.#admitting = false;
    }
  }

  #begin(host: Host): void {
    const place = host.waiting.first!;
    host.waiting.remove(place);
    host.inside += 1;
    this.#inside += 1;
    place.state = "inside";
    place.begin();
  }

  #mayBegin(host: Host): boolean {
    const { rates } = this.limits;
    const now = this.clock.now();
    if (rates === undefined || rates.take(host.name, now)) return true;
    host.unwake = this.clock.after(rates.waitMs(host.name, 1, now), () => {
      host.unwake = undefined;
      this.#offer(host);
      this.#admit();
    });
    return false;
  }

  #forget(host: Host): void {
    host.unwake?.();
    host.unwake = undefined;
    if (this.#hosts.get(host.name) === host) this.#hosts.delete(host.name);
  }
}
