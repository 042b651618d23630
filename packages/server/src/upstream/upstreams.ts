import type { Subscription } from "../subscriptions/subscription";
import type { ServerLog } from "../wire/server-log";
import { type UpstreamContext, UpstreamGroup } from "./upstream-group";

/** The pollers of all check-backed types: one for each registration and audience, gone with the last that needs it. */
export class Upstreams {
  readonly #groups = new Map<symbol, Map<string, { readonly group: UpstreamGroup; retained: number }>>();

  constructor(
    private readonly context: UpstreamContext,
    private readonly logOf: (name: string) => ServerLog,
  ) {}

  /** Number of upstreams that are asked now. */
  get polling(): number {
    let polling = 0;
    for (const groups of this.#groups.values()) {
      for (const { group } of groups.values()) if (group.polling) polling += 1;
    }
    return polling;
  }

  /** The poller of a subscription, kept until `release` (idempotent); `undefined` when its type has no `check`. */
  retain(subscription: Subscription): { readonly group: UpstreamGroup; release(): void } | undefined {
    const { type, audience } = subscription;
    if (type.options.check === undefined) return undefined;
    const groups = this.#groups.get(type.registration) ?? new Map();
    this.#groups.set(type.registration, groups);
    const known = groups.get(audience);
    const held = known ?? {
      group: new UpstreamGroup(this.context, this.logOf(type.logName), subscription),
      retained: 0,
    };
    groups.set(audience, held);
    held.retained += 1;
    held.group.askFor(subscription);
    let mine = true;
    const release = () => {
      if (!mine) return;
      mine = false;
      held.retained -= 1;
      if (held.retained > 0) return;
      held.group.close();
      groups.delete(audience);
      if (groups.size === 0) this.#groups.delete(type.registration);
    };
    return { group: held.group, release };
  }

  close(): void {
    for (const groups of this.#groups.values()) for (const { group } of groups.values()) group.close();
    this.#groups.clear();
  }
}
