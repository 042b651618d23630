import type { Selection } from "../options/event-arguments";
import { type ListenAddress, origin } from "../options/listen";

/** What `subscribe` is asked for. At least one of `listen` and `callback` is there. */
export interface WebhookRequest extends Selection {
  /** Where a receiver is to run. */
  readonly listen: ListenAddress | undefined;
  /** Where the server is to post. */
  readonly callback: string | undefined;
}

/** The callback, or the base of it where a receiver runs here. */
export function callbackOf({ callback, listen }: WebhookRequest): string {
  return callback ?? `${listen === undefined ? "" : origin(listen)}/hooks/`;
}
