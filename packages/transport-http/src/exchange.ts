import { AsyncLocalStorage } from "node:async_hooks";

/** What is done to the chunks that an SDK writes to a response. */
export interface ResponseFilter {
  /** The text to write instead of a chunk; "" drops it. */
  chunk(text: string): string;
  /** Whether the response stays open though the SDK ended it. */
  holdsOpen(): boolean;
}

/** One HTTP request and its response, on Node or web-standard. */
export interface Exchange {
  /** Aborts when the response is over: the client left, or all of it was sent. */
  readonly gone: AbortSignal;
  /** Looks out for a text among what the SDK writes, from now on. */
  watch(text: string): Watch;
  /** Writes to the response, beside the SDK, between two of its chunks. Nothing happens when it is over. */
  write(text: string): void;
  /** Resolves when the response can take more, or is over. */
  drained(): Promise<void>;
  /** Passes what the SDK writes through a filter. */
  filter(filter: ResponseFilter): void;
  /** Ends a response that a filter held open. */
  end(): void;
}

/** See {@link Exchange.watch}. */
export interface Watch {
  /** True when the text was seen; false when it did not come though the response could take more, or is over. */
  seen(): Promise<boolean>;
}

/** An exchange and whether an MCP transport took it: requests made from inside a handler have one of their own. */
interface Slot {
  readonly exchange: Exchange;
  taken: boolean;
}

const slots = new AsyncLocalStorage<Slot>();

/** The exchange that carries the request being handled. */
export function currentExchange(): Exchange | undefined {
  return slots.getStore()?.exchange;
}

/** Takes the exchange that a wrapped handler opened for exactly this request. */
export function takeExchange(): boolean {
  const slot = slots.getStore();
  if (slot === undefined || slot.taken) return false;
  slot.taken = true;
  return true;
}

/** Runs `fn` within an exchange; `taken` when the caller is the MCP transport itself. */
export function runInExchange<T>(exchange: Exchange, taken: boolean, fn: () => T): T {
  return slots.run({ exchange, taken }, fn);
}
