import { describe, expect, it } from "vitest";
import { isLoopbackHost, isLoopbackOrigin } from "./loopback";

describe("isLoopbackHost", () => {
  it.each(["127.0.0.1:3000", "localhost", "localhost:80", "[::1]:9", "127.8.0.1", "mcp.localhost:1"])(
    "admits %s, as a client or a proxy on this machine sends it",
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  it.each([
    "example.com",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "10.0.0.1:80",
    "",
    "a b",
    undefined,
  ])("refuses %s, as DNS rebinding sends it", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

describe("isLoopbackOrigin", () => {
  it("admits pages of this machine and no others", () => {
    expect(isLoopbackOrigin("http://localhost:6274")).toBe(true);
    expect(isLoopbackOrigin("https://example.com")).toBe(false);
    expect(isLoopbackOrigin("null")).toBe(false);
  });
});
