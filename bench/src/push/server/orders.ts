import { type Order, type Payload, payloadOf } from "../event";

/** Messages after which whoever sends lets I/O have its turn. */
const PER_TURN = 64;

type Send = (payload: Payload) => unknown;

/** Waits for what {@link Orders.give} brings, for senders that live as long as a stream. */
export class Orders {
  #waiting: ((order: Order) => void)[] = [];

  /** Gives an order to everybody who waits for one. */
  give(order: Order): void {
    for (const take of this.#waiting.splice(0)) take(order);
  }

  next(): Promise<Order> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Carries out an order. At a rate, what is due is sent at each tick. */
export async function carryOut({ count, perSecond }: Order, send: Send): Promise<void> {
  const startedAt = performance.now();
  for (let n = 0; n < count; n += 1) {
    if (perSecond !== undefined) await until(startedAt + (n * 1000) / perSecond);
    else if (n % PER_TURN === 0) await turn();
    await send(payloadOf(n));
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function until(time: number): Promise<void> {
  for (let ms = time - performance.now(); ms > 0; ms = time - performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
