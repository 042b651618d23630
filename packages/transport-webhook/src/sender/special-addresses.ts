import ipaddr from "ipaddr.js";

/**
 * Every row of the IANA IPv4 Special-Purpose Address Registry, globally reachable or not, and the multicast block of the
 * address space registry (HOOK-15).
 */
export const SPECIAL_V4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared (carrier-grade NAT)
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, cloud metadata
  "172.16.0.0/12", // private
  "192.0.0.0/24", // IETF protocol assignments
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // AMT
  "192.88.99.0/24", // 6to4 relay
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, limited broadcast
] as const;

/** IPv6 addresses outside this block are all special: mapped, compatible, NAT64, local, multicast, unassigned. */
const GLOBAL_V6 = "2000::/3";

/** Rows of the IANA IPv6 Special-Purpose Address Registry inside 2000::/3 (HOOK-15). */
export const SPECIAL_V6 = [
  "2001::/23", // IETF protocol assignments, Teredo, benchmarking, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
] as const;

const specialV4 = SPECIAL_V4.map((range) => ipaddr.IPv4.parseCIDR(range));
const globalV6 = ipaddr.IPv6.parseCIDR(GLOBAL_V6);
const specialV6 = SPECIAL_V6.map((range) => ipaddr.IPv6.parseCIDR(range));
const loopbackV4 = ipaddr.IPv4.parseCIDR("127.0.0.0/8");
const loopbackV6 = ipaddr.IPv6.parseCIDR("::1/128");

/** How an address may be reached: by anybody, on this machine only, or not at all without a named exception. */
export type AddressKind = "global" | "loopback" | "special";

/**
 * Judges an address by the IANA special-purpose registries (HOOK-15). Text that is no address is special. Addresses that
 * embed a loopback address (`::ffff:127.0.0.1`) are special, not loopback.
 */
export function addressKind(address: string): AddressKind {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return kindV4(ipaddr.IPv4.parse(address));
  if (ipaddr.IPv6.isValid(address)) return kindV6(ipaddr.IPv6.parse(address));
  return "special";
}

function kindV4(address: ipaddr.IPv4): AddressKind {
  if (address.match(loopbackV4)) return "loopback";
  return specialV4.some((range) => address.match(range)) ? "special" : "global";
}

function kindV6(address: ipaddr.IPv6): AddressKind {
  if (address.zoneId !== undefined) return "special";
  if (address.match(loopbackV6)) return "loopback";
  if (!address.match(globalV6)) return "special";
  return specialV6.some((range) => address.match(range)) ? "special" : "global";
}
