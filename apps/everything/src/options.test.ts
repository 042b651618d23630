import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EVERYTHING_DEFAULTS, parseCommand, UsageError } from "./options";

function options(...argv: string[]) {
  const command = parseCommand(argv);
  if (command.kind !== "serve") throw new Error(`the command is ${command.kind}`);
  return command.options;
}

describe("parseCommand", () => {
  it("serves HTTP with the defaults", () => {
    expect(options("--http", "0")).toEqual({
      ...EVERYTHING_DEFAULTS,
      serving: { kind: "http", port: 0 },
      watch: undefined,
    });
  });

  it("serves stdio, to an anonymous client unless a principal is named", () => {
    expect(options("--stdio").serving).toEqual({ kind: "stdio", principal: null });
    expect(options("--stdio", "--principal", "alice").serving).toEqual({ kind: "stdio", principal: "alice" });
    expect(options("--stdio", "--principal", "anonymous").serving).toEqual({
      kind: "stdio",
      principal: null,
    });
  });

  it("takes every flag, in both spellings", () => {
    const argv =
      "--http=8080 --sdk v1 --profile=sketch --heartbeat-ms 100 --retention-events 5 --log-level debug";
    expect(
      options(...argv.split(" "), "--long-poll-ms", "0", "--watch", ".", "--data", "x.db"),
    ).toMatchObject({
      serving: { kind: "http", port: 8080 },
      sdk: "v1",
      profile: "sketch",
      heartbeatMs: 100,
      retentionEvents: 5,
      longPollMs: 0,
      logLevel: "debug",
      watch: process.cwd(),
      data: join(process.cwd(), "x.db"),
    });
  });

  it("takes every flag of webhooks, and keeps the defaults of the others", () => {
    const argv =
      "--allow-loopback-webhooks --webhook-retry-ms 20 --webhook-attempts 2 --webhook-timeout-ms=300 " +
      "--webhook-min-ttl-ms 500 --webhook-id message --webhook-identity --on-exhausted suspend";
    expect(options("--http", "0", ...argv.split(" "))).toMatchObject({
      allowLoopbackWebhooks: true,
      webhookTimeoutMs: 300,
      webhookIdentity: true,
      webhooks: {
        firstRetryMs: 20,
        retryFactor: EVERYTHING_DEFAULTS.webhooks.retryFactor,
        maxAttempts: 2,
        minTtlMs: 500,
        webhookId: "message",
        onExhausted: "suspend",
      },
    });
  });

  it("takes a store that processes share, by itself", () => {
    const store = "nats://a:1,b:2?replicas=3";
    expect(options("--http", "0", "--store", store, "--replicas", "--owner-ttl-ms", "500")).toMatchObject({
      store,
      replicas: true,
      ownerTtlMs: 500,
    });
    expect(() => options("--http", "0", "--store", "redis://a")).toThrow(/--store takes nats:/);
    expect(() => options("--http", "0", "--store", store, "--data", "x.db")).toThrow(/exclude each other/);
  });

  it("overlooks the separator some package managers pass on", () => {
    expect(options("--", "--stdio").serving.kind).toBe("stdio");
  });

  it("answers --help and --version whatever else stands there", () => {
    expect(parseCommand(["--help"])).toEqual({ kind: "help" });
    expect(parseCommand(["--http", "x", "--version"])).toEqual({ kind: "version" });
  });

  it.each([
    ["nothing that says how to serve", [], /--http PORT .* or --stdio/],
    ["both ways to serve", ["--http", "0", "--stdio"], /exclude each other/],
    ["a port that is none", ["--http", "70000"], /--http takes a whole number from 0 to 65535, not "70000"/],
    ["a port that is no number", ["--http", "eight"], /--http/],
    ["a flag without its value", ["--http"], /--http/],
    ["an unknown flag", ["--stdio", "--sse"], /--sse/],
    ["a file without a name", ["--stdio", "--data="], /--data takes the path of a file/],
    ["a stray word", ["--stdio", "now"], /now/],
    ["an unknown SDK line", ["--stdio", "--sdk", "v3"], /--sdk takes v1 or v2, not "v3"/],
    ["an unknown profile", ["--stdio", "--profile", "x"], /--profile/],
    ["a negative number", ["--stdio", "--heartbeat-ms=-5"], /--heartbeat-ms/],
    ["a directory that does not exist", ["--stdio", "--watch", "/nowhere/at/all"], /--watch/],
    ["a principal over HTTP", ["--http", "0", "--principal", "alice"], /--principal goes with --stdio/],
    ["no attempts", ["--stdio", "--webhook-attempts", "0"], /--webhook-attempts takes a whole number from 1/],
    ["an unknown webhook-id", ["--stdio", "--webhook-id", "both"], /--webhook-id takes event or message/],
    [
      "an unknown end of attempts",
      ["--stdio", "--on-exhausted", "drop"],
      /--on-exhausted takes skip or suspend/,
    ],
    ["an empty principal", ["--stdio", "--principal", ""], /--principal is empty/],
  ])("refuses %s, naming the flag", (_what, argv, reason) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
    expect(() => parseCommand(argv)).toThrow(reason);
  });
});
