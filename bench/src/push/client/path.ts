import type { Order, Payload } from "../event";

/** One way from a server in a process of its own to a consumer here, open and subscribed. */
export interface PushPath {
  /** Has the server send; resolves when everything has arrived. */
  run(order: Order, seen: (payload: Payload) => void): Promise<void>;
  close(): Promise<void>;
}

/** Counts what arrives for one order, and refuses what is lost, repeated or out of order. */
export class Arrivals {
  #next = 0;
  #order: Order = { count: 0 };
  #seen: (payload: Payload) => void = () => {};
  #settle: { resolve(): void; reject(error: Error): void } | undefined;

  expect(order: Order, seen: (payload: Payload) => void): Promise<void> {
    this.#next = 0;
    this.#order = order;
    this.#seen = seen;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  readonly take = (payload: Payload): void => {
    if (payload.n !== this.#next) this.#settle?.reject(new Error(`got ${payload.n}, expected ${this.#next}`));
    this.#next += 1;
    this.#seen(payload);
    if (this.#next === this.#order.count) this.#settle?.resolve();
  };
}
