import { isIP } from "node:net";
import { WireError } from "@mcp-events/protocol";
import { type AddressKind, addressKind } from "./special-addresses";

/** Characters of a URL, at most. */
const MAX_URL_LENGTH = 4_096;

/** White space and control characters, which the URL parser would drop, and backslashes, which it would turn round. */
const UNWANTED = /[\0-\x20\x7f\\]/;

const USERINFO = /^[a-z]+:\/\/[^/?#]*@/i;

/** Exceptions from the rule that callbacks are at public https addresses. */
export interface Exceptions {
  /** Addresses of this machine may be posted to, by http too. */
  readonly loopback: boolean;
  /** Names that may resolve to any address, in lower case, as the URL parser spells them. */
  readonly hosts: ReadonlySet<string>;
}

/** A callback URL taken apart once. */
export interface CallbackUrl {
  readonly origin: string;
  /** As the URL parser spells it; an IPv6 address without brackets. */
  readonly hostname: string;
  /** Path and query. */
  readonly path: string;
  /** `false`: plain http, which goes to loopback addresses only. */
  readonly secure: boolean;
  /** Whether the host is an address, so that nobody has to be asked for it. */
  readonly literal: boolean;
}

/**
 * Takes a callback URL apart and refuses what can be refused without asking anybody (HOOK-5): what is not https, user
 * info, a fragment, port 0, a special-purpose address in any spelling.
 *
 * @throws WireError `InvalidParams`.
 */
export function callbackUrl(text: string, exceptions: Exceptions): CallbackUrl {
  if (text.length > MAX_URL_LENGTH) throw refused(`is longer than ${MAX_URL_LENGTH} characters`);
  if (UNWANTED.test(text)) throw refused("has white space, control characters or backslashes");
  if (!URL.canParse(text)) throw refused("is not a URL");
  const url = new URL(text);
  const secure = url.protocol === "https:";
  if (!secure && !(url.protocol === "http:" && exceptions.loopback)) throw refused("must be https");
  if (USERINFO.test(text)) throw refused("must not hold user info");
  if (text.includes("#")) throw refused("must not have a fragment");
  if (url.port === "0") throw refused("has a port that cannot be");
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const literal = isIP(hostname) !== 0;
  const kind = literal ? addressKind(hostname) : kindOfName(hostname);
  if (!secure && kind !== "loopback") throw refused("must be https, or at a loopback address");
  if (!mayReach(kind, { hostname, secure }, exceptions)) throw refused("must be at a public address");
  return { origin: url.origin, hostname, path: url.pathname + url.search, secure, literal };
}

/** Whether a host may be reached at an address of this kind (HOOK-15). */
export function mayReach(
  kind: AddressKind | undefined,
  { hostname, secure }: Pick<CallbackUrl, "hostname" | "secure">,
  exceptions: Exceptions,
): boolean {
  if (kind === undefined) return true;
  if (kind === "loopback" && exceptions.loopback) return true;
  return secure && (kind === "global" || exceptions.hosts.has(hostname));
}

/** `localhost` and what is below it is this machine by RFC 6761; what other names are is not known yet. */
function kindOfName(hostname: string): AddressKind | undefined {
  return /(^|\.)localhost\.?$/.test(hostname) ? "loopback" : undefined;
}

function refused(reason: string): WireError {
  return new WireError("InvalidParams", `delivery.url ${reason}`);
}
