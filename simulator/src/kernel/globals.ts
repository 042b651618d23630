import { createHash } from "node:crypto";
import type { EventLoop } from "./event-loop";

interface Turning {
  setImmediate: unknown;
}

/**
 * Gives the code under test the loop's turns and a digest that answers within a turn, for as long as a run lasts: the
 * two things it takes from the machine that are not injected. The returned function puts the machine's own back.
 */
export function takeGlobals(loop: EventLoop): () => void {
  const turning = globalThis as unknown as Turning;
  const { setImmediate } = turning;
  turning.setImmediate = (fn: (...args: unknown[]) => void, ...args: unknown[]) => {
    loop.immediate(() => fn(...args));
  };
  const subtle = Object.getPrototypeOf(crypto.subtle) as { digest: unknown };
  const { digest } = subtle;
  subtle.digest = async (_algorithm: string, data: Uint8Array) =>
    new Uint8Array(createHash("sha256").update(data).digest()).buffer;
  return () => {
    turning.setImmediate = setImmediate;
    subtle.digest = digest;
  };
}
