import { EventsError, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { connectFailure } from "./connect-failure";
import { describeFailure } from "./describe-failure";

const HTTP = { kind: "http", url: new URL("https://server.example/mcp?key=secret"), headers: {} } as const;
const STDIO = { kind: "stdio", command: "node", args: ["--token", "secret"] } as const;

describe("what a failure says", () => {
  it.each([
    [
      new WireError("NotFound", "no such type", { kind: "event" }),
      1,
      'NotFound: no such type {"kind":"event"}',
    ],
    [new WireError("Forbidden", "no"), 3, "Forbidden"],
    [new WireError("InvalidParams", "no"), 1, "InvalidParams"],
    [new EventsError("gap", "events are missing"), 4, "events are missing"],
    [new EventsError("not_an_events_server", "no events"), 3, "no events"],
    [new EventsError("timed_out", "late"), 3, "late"],
    [new EventsError("position_store_failed", "corrupt"), 1, "corrupt"],
    [new EventsError("option_invalid", "id"), 2, "id"],
    [new EventsError("no_compatible_delivery_mode", "poll"), 1, "poll"],
    [new Error("a bug"), 1, "a bug"],
    ["text", 1, "text"],
  ])("%s: exit code %i", (error, exitCode, message) => {
    expect(describeFailure(error)).toMatchObject({ exitCode, message: expect.stringContaining(message) });
  });

  it("says what to do about an HTTP status that came on the way", () => {
    const cause = Object.assign(new Error("Unauthorized"), { data: { status: 401 } });
    const { hint } = describeFailure(new EventsError("transport_failed", "no", { cause }));
    expect(hint).toContain("MCP_EVENTS_BEARER");
  });

  it("cannot colour the terminal with what a server wrote", () => {
    expect(describeFailure(new WireError("NotFound", "\u001b[31m")).message).toContain("\\u001b[31m");
  });
});

describe("no connection", () => {
  const networkError = (code: string) =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code }) });

  it.each([
    [networkError("ECONNREFUSED"), HTTP, "ECONNREFUSED", "Nothing listens there"],
    [networkError("ENOTFOUND"), HTTP, "ENOTFOUND", "host name is not known"],
    [networkError("SELF_SIGNED_CERT_IN_CHAIN"), HTTP, "SELF_SIGNED_CERT_IN_CHAIN", "NODE_EXTRA_CA_CERTS"],
    [Object.assign(new Error("x"), { code: 404 }), HTTP, "HTTP 404", "usually at /mcp|often at /mcp"],
    [Object.assign(new Error("x"), { data: { status: 502 } }), HTTP, "HTTP 502", "look at its log"],
    [Object.assign(new Error("spawn"), { code: "ENOENT" }), STDIO, "ENOENT", "There is no such command"],
    [new Error("Connection closed"), STDIO, "Connection closed", "did not speak MCP"],
  ])("%s", (error, target, message, hint) => {
    const failure = connectFailure(error, target);
    expect(failure).toMatchObject({ exitCode: 3, message: expect.stringContaining(message) });
    expect(failure.hint).toMatch(new RegExp(hint));
    expect(failure.message).not.toContain("secret");
  });

  it("reads a cause that leads back to itself", () => {
    const error = new Error("round") as Error & { cause?: unknown };
    error.cause = error;
    expect(connectFailure(error, HTTP).message).toContain("round");
  });
});
