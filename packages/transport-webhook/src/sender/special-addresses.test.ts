import { expect, test } from "vitest";
import { addressKind, SPECIAL_V4, SPECIAL_V6 } from "./special-addresses";

/** First, last and neighbours of each block that other implementations let through, and of the rest of the registries. */
const special = [
  ["this network", "0.0.0.0", "0.255.255.255"],
  ["private 10/8", "10.0.0.0", "10.255.255.255"],
  ["100.64/10", "100.64.0.0", "100.127.255.255"],
  ["169.254/16", "169.254.0.0", "169.254.169.254", "169.254.255.255"],
  ["172.16/12", "172.16.0.0", "172.31.255.255"],
  ["192.0.0/24", "192.0.0.0", "192.0.0.9", "192.0.0.255"],
  ["192.0.2/24", "192.0.2.0", "192.0.2.255"],
  ["192.31.196/24", "192.31.196.1"],
  ["192.52.193/24", "192.52.193.1"],
  ["192.88.99/24", "192.88.99.1"],
  ["192.168/16", "192.168.0.0", "192.168.255.255"],
  ["192.175.48/24", "192.175.48.1"],
  ["198.18/15", "198.18.0.0", "198.19.255.255"],
  ["198.51.100/24", "198.51.100.7"],
  ["203.0.113/24", "203.0.113.7"],
  ["224/4", "224.0.0.1", "239.255.255.255"],
  ["240/4", "240.0.0.0", "255.255.255.254"],
  ["broadcast", "255.255.255.255"],
  ["unspecified", "::"],
  ["::127.0.0.1", "::127.0.0.1", "::7f00:1"],
  ["v4-mapped", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe"],
  ["v4-translated", "::ffff:0:7f00:1"],
  ["64:ff9b::/96", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8"],
  ["64:ff9b:1::/48", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::"],
  ["discard only", "100::1", "100:0:0:1::1"],
  ["Teredo", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  ["IETF protocol assignments", "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::"],
  ["documentation", "2001:db8::1", "3fff::1", "3fff:fff::1"],
  ["2002::/16", "2002:7f00:1::1", "2002:a00:1::1", "2002:ffff::"],
  ["AS112", "2620:4f:8000::1"],
  ["segment routing", "5f00::1"],
  ["unique local", "fc00::1", "fd12:3456::1"],
  ["fe80:: to febf::", "fe80::1", "fe90::1", "febf:ffff::1"],
  ["link-local with zone", "fe80::1%eth0", "fe80::1%1", "2606:4700::1111%eth0"],
  ["fec0::", "fec0::1", "feff::1"],
  ["ff00::/8", "ff00::", "ff02::1", "ffff::1"],
  ["no address", "", "localhost", "1.2.3", "0x7f.1", "08.8.8.8", "8.8.8.8 "],
] as const;

test.each(special)("HOOK-15: %s is special", (_name, ...addresses) => {
  for (const address of addresses as readonly string[]) {
    expect(addressKind(address), address).toBe("special");
  }
});

test("HOOK-15: loopback is told apart, the plain spellings only", () => {
  for (const address of ["127.0.0.1", "127.0.0.0", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1"]) {
    expect(addressKind(address), address).toBe("loopback");
  }
});

test("HOOK-15: what is next to a special block is global", () => {
  const neighbours = [
    ...[
      "1.0.0.0",
      "9.255.255.255",
      "11.0.0.0",
      "100.63.255.255",
      "100.128.0.0",
      "126.255.255.255",
      "128.0.0.0",
    ],
    ...["169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0"],
    ...["192.0.3.0", "192.88.98.255", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"],
    ...["198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8"],
    ...["2001:200::1", "2001:db7::1", "2001:db9::1", "2001:4860:4860::8888", "2003::1", "2620:4f:8001::"],
    ...["2606:4700::1111", "3ffe::1", "3fff:1000::1", "2a00::1"],
  ];
  for (const address of neighbours) expect(addressKind(address), address).toBe("global");
});

test("HOOK-15: the tables have no row that another holds", () => {
  for (const range of [...SPECIAL_V4, ...SPECIAL_V6]) {
    const [first] = range.split("/");
    expect(addressKind(first!), range).not.toBe("global");
  }
  expect(new Set(SPECIAL_V4).size).toBe(SPECIAL_V4.length);
});
