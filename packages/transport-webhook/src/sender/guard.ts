import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "@mcp-events/protocol";
import { type CallbackUrl, type Exceptions, mayReach } from "./callback-url";
import { addressKind } from "./special-addresses";

/** An address a name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Asks for all addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** Addresses of one name that are looked at, at most. */
const MAX_ADDRESSES = 16;

/** A question asked less than this many milliseconds ago is not asked again while it is open. */
const SHARED_MS = 1_000;

/** Asks the machine's resolver, as other programs do. */
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

/** Every address of the name is one that must not be posted to. */
export class BlockedError extends Error {
  override readonly name = "BlockedError";
}

/** Says to which addresses an attempt may connect (HOOK-15). */
export class Guard {
  readonly #asked = new Map<string, { at: number; answer: Promise<readonly ResolvedAddress[]> }>();

  constructor(
    private readonly resolve: Resolve,
    private readonly exceptions: Exceptions,
    private readonly clock: Clock,
  ) {}

  /**
   * The addresses of a URL's host that may be connected to, never none. Names are resolved for each attempt; attempts of
   * the same moment share the question.
   *
   * @throws BlockedError when there is none; what the resolver throws.
   */
  addresses(url: CallbackUrl): readonly string[] | Promise<readonly string[]> {
    if (url.literal) return [url.hostname]; // judged when the URL was taken apart
    return this.#ask(url.hostname).then((resolved) => {
      const allowed = resolved
        .slice(0, MAX_ADDRESSES)
        .map(({ address }) => address)
        .filter((address) => isIP(address) !== 0 && mayReach(addressKind(address), url, this.exceptions));
      if (allowed.length === 0)
        throw new BlockedError(`${url.hostname} has no address that may be posted to`);
      return allowed;
    });
  }

  #ask(hostname: string): Promise<readonly ResolvedAddress[]> {
    const now = this.clock.now();
    const open = this.#asked.get(hostname);
    if (open !== undefined && now - open.at < SHARED_MS && now >= open.at) return open.answer;
    const answer = (async () => this.resolve(hostname))();
    const asked = { at: now, answer };
    this.#asked.set(hostname, asked);
    const forget = () => {
      if (this.#asked.get(hostname) === asked) this.#asked.delete(hostname);
    };
    answer.then(forget, forget);
    return answer;
  }
}
