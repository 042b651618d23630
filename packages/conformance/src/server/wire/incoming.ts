import type { Wire } from "../../kit/expect";
import { Inbox } from "../../kit/inbox";

/** What comes in for one long request: its notifications, then perhaps its response. */
export class Incoming {
  readonly inbox = new Inbox<Wire>();
  /** The response that ended it; `undefined` while it is open, or when it ended without one. */
  response: Wire;
  /** Resolves when it is over. */
  readonly over: Promise<void>;
  #end: () => void = () => {};

  constructor(
    /** The JSON-RPC id of the request. */
    readonly id: number | string,
    readonly cancel: () => void,
  ) {
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** The notifications so far. */
  get messages(): readonly Wire[] {
    return this.inbox.all;
  }

  /** A message of the server for this request. */
  take(message: Wire): void {
    if (typeof message?.method === "string") this.inbox.push(message);
    else this.end(message);
  }

  end(response?: Wire): void {
    this.response ??= response;
    const error = response?.error;
    this.inbox.close(error === undefined ? "the stream ended" : `the answer was ${JSON.stringify(error)}`);
    this.#end();
  }

  /** The next notification that was not read yet; of a kind (`active`, `event`, …), passing over others, when one is named. */
  next(ms: number, kind?: string): Promise<Wire> {
    const method = kind === undefined ? undefined : `notifications/events/${kind}`;
    const what = method ?? "a message of the stream";
    return this.inbox.next(ms, what, (message) => method === undefined || message.method === method);
  }

  /** The params of the next `count` events. */
  async events(count: number, ms: number): Promise<Wire[]> {
    const events: Wire[] = [];
    while (events.length < count) events.push((await this.next(ms, "event")).params);
    return events;
  }
}
