import { WireError } from "@mcp-events/protocol";
import { expect, test } from "vitest";
import { callbackUrl, type Exceptions } from "./callback-url";

const none: Exceptions = { loopback: false, hosts: new Set() };
const loopback: Exceptions = { loopback: true, hosts: new Set() };
const intranet: Exceptions = { loopback: false, hosts: new Set(["hooks.corp", "10.1.2.3"]) };

function refusal(url: string, exceptions = none): unknown {
  try {
    callbackUrl(url, exceptions);
  } catch (error) {
    return WireError.is(error) ? error.error : error;
  }
  return "taken";
}

test.each([
  ["https://example.com/hooks/1?a=b", "https://example.com", "example.com", "/hooks/1?a=b"],
  ["https://EXAMPLE.com:443", "https://example.com", "example.com", "/"],
  ["https://example.com:8443/x", "https://example.com:8443", "example.com", "/x"],
  ["https://bücher.example/x", "https://xn--bcher-kva.example", "xn--bcher-kva.example", "/x"],
  ["https://8.8.8.8/x", "https://8.8.8.8", "8.8.8.8", "/x"],
  ["https://[2606:4700::1111]/x", "https://[2606:4700::1111]", "2606:4700::1111", "/x"],
  ["https://example.com/a@b?c=d@e", "https://example.com", "example.com", "/a@b?c=d@e"],
])("HOOK-5: %s is taken", (url, origin, hostname, path) => {
  expect(callbackUrl(url, none)).toMatchObject({ origin, hostname, path, secure: true });
});

test.each([
  ["plain http", "http://example.com/x"],
  ["another scheme", "ftp://example.com/x"],
  ["a scheme without a host", "javascript:alert(1)"],
  ["no URL", "/hooks"],
  ["an empty text", ""],
  ["no host", "https://"],
  ["user info", "https://user:pw@example.com/"],
  ["user info that is empty", "https://@example.com/"],
  ["a user that looks like the host", "https://example.com@127.0.0.1/"],
  ["a fragment", "https://example.com/#x"],
  ["an empty fragment", "https://example.com/#"],
  ["port 0", "https://example.com:0/"],
  ["a port beyond 65535", "https://example.com:65536/"],
  ["white space around it", " https://example.com/"],
  ["a line break within", "https://exam\nple.com/"],
  ["backslashes", "https:\\\\example.com\\x"],
  ["more than 4,096 characters", `https://example.com/${"x".repeat(4_096)}`],
])("HOOK-5: %s is refused", (_name, url) => {
  expect(refusal(url)).toBe("InvalidParams");
});

test.each([
  ["plain", "127.0.0.1"],
  ["decimal", "2130706433"],
  ["hexadecimal", "0x7f000001"],
  ["hexadecimal, short", "0x7f.1"],
  ["octal", "0177.0.0.1"],
  ["mixed bases", "0x7F.0.0.01"],
  ["short", "127.1"],
  ["trailing dot", "127.0.0.1."],
  ["full-width digits", "１２７.０.０.１"],
  ["full-width dots", "127。0。0。1"],
  ["circled digits", "①②⑦.⓪.⓪.①"],
  ["percent-encoded", "%31%32%37.0.0.1"],
  ["cloud metadata in decimal", "2852039166"],
  ["private, in hexadecimal", "0xa.0.0.1"],
  ["unspecified", "0"],
  ["localhost", "localhost"],
  ["localhost in mixed case with a dot", "LocalHost."],
  ["below localhost", "hooks.localhost"],
  ["full-width localhost", "ｌｏｃａｌｈｏｓｔ"],
  ["IPv6 loopback", "[::1]"],
  ["IPv6 loopback in full", "[0:0:0:0:0:0:0:1]"],
  ["v4-mapped", "[::ffff:127.0.0.1]"],
  ["v4-mapped in hexadecimal", "[::FFFF:7f00:1]"],
  ["v4-compatible", "[::127.0.0.1]"],
  ["NAT64", "[64:ff9b::7f00:1]"],
  ["local NAT64", "[64:ff9b:1::7f00:1]"],
  ["6to4", "[2002:7f00:1::]"],
  ["Teredo", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"],
  ["link-local", "[fe80::1]"],
  ["link-local with zone", "[fe80::1%25eth0]"],
  ["unique local", "[fd00::1]"],
])("HOOK-15: a special address as host is refused: %s", (_name, host) => {
  expect(refusal(`https://${host}/x`)).toBe("InvalidParams");
  expect(refusal(`https://${host}:8443/x`)).toBe("InvalidParams");
});

test("HOOK-5: the development switch lets loopback through by http and https, and nothing else", () => {
  for (const host of ["127.0.0.1:8080", "127.8.8.8", "[::1]:8080", "localhost:8080", "2130706433"]) {
    expect(refusal(`http://${host}/x`, loopback), host).toBe("taken");
    expect(refusal(`https://${host}/x`, loopback), host).toBe("taken");
  }
  expect(refusal("http://dev.localhost/x", loopback)).toBe("taken"); // only to loopback addresses, seen when it resolves
  expect(refusal("http://dev.example/x", loopback)).toBe("InvalidParams");
  expect(refusal("https://dev.example/x", loopback)).toBe("taken");
  for (const host of ["10.0.0.1", "169.254.169.254", "8.8.8.8", "[::ffff:127.0.0.1]", "[::127.0.0.1]"]) {
    expect(refusal(`http://${host}/x`, loopback), host).toBe("InvalidParams");
  }
  expect(refusal("https://10.0.0.1/x", loopback)).toBe("InvalidParams");
});

test("HOOK-15: a named host may be at a special address, by https only", () => {
  expect(refusal("https://hooks.corp/x", intranet)).toBe("taken");
  expect(refusal("https://10.1.2.3/x", intranet)).toBe("taken");
  expect(refusal("https://10.1.2.4/x", intranet)).toBe("InvalidParams");
  expect(refusal("http://hooks.corp/x", intranet)).toBe("InvalidParams");
});
