import type { EventDescriptor } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { isPrivateHost, parseCallback } from "./callback-url";
import { planProblems } from "./plan";

const descriptor: EventDescriptor = {
  name: "n",
  description: "",
  delivery: ["webhook"],
  inputSchema: {},
  payloadSchema: {},
};
const good = { name: "n", descriptor, callback: "https://me.example/hooks/", authenticated: true };

describe("what would keep a webhook subscription from working", () => {
  it("is nothing, when all is well; over stdio credentials do not count", () => {
    expect([planProblems(good), planProblems({ ...good, authenticated: undefined })]).toEqual([[], []]);
  });

  it.each([
    [{ descriptor: undefined }, "lists no event type"],
    [{ descriptor: { ...descriptor, delivery: ["poll"] as const } }, "offered by poll, not by webhook"],
    [{ callback: "http://me.example/" }, "plain http"],
    [{ callback: "https://10.0.0.1/" }, "this machine or network only"],
    [{ authenticated: false }, "no credentials"],
  ])("%j", (change, problem) => {
    const problems = planProblems({ ...good, ...change } as typeof good);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe("hosts", () => {
  it.each([
    "localhost",
    "a.localhost",
    "x.local",
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.9.9",
    "192.168.1.1",
    "169.254.1.1",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fd00::1]",
    "[::ffff:127.0.0.1]",
  ])("%s is private", (host) => expect(isPrivateHost(host)).toBe(true));

  it.each([
    "me.example",
    "8.8.8.8",
    "172.32.0.1",
    "11.0.0.1",
    "[2606:4700::1]",
    "10.example",
    "fe80.example",
  ])("%s is public, as far as the name tells", (host) => expect(isPrivateHost(host)).toBe(false));
});

it.each(["", "me.example", "ftp://me.example/"])("the callback %j is a usage error", (text) => {
  expect(() => parseCallback(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
});
