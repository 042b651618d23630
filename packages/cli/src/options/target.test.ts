import { describe, expect, it } from "vitest";
import { parseTarget, type TargetOptions } from "./target";

const URL_TEXT = "https://server.example/mcp";
const headersOf = (options: TargetOptions, env = {}) => {
  const target = parseTarget({ url: URL_TEXT, ...options }, undefined, env);
  return target.kind === "http" ? target.headers : undefined;
};

describe("which server is meant", () => {
  it("--url with its headers", () => {
    expect(parseTarget({ url: URL_TEXT, header: ["X-Key: a: b"] }, undefined, {})).toEqual({
      kind: "http",
      url: new URL(URL_TEXT),
      headers: { "x-key": "a: b" },
    });
  });

  it("the command after --, whatever its words look like", () => {
    expect(parseTarget({}, ["node", "server.js", "--url", "x"], {})).toEqual({
      kind: "stdio",
      command: "node",
      args: ["server.js", "--url", "x"],
    });
  });

  it("a bearer token comes from --bearer, else from the environment, and gives way to --header", () => {
    const env = { MCP_EVENTS_BEARER: "from-env" };
    expect(headersOf({ bearer: "given" }, env)).toEqual({ authorization: "Bearer given" });
    expect(headersOf({}, env)).toEqual({ authorization: "Bearer from-env" });
    expect(headersOf({ header: ["Authorization: Basic x"] }, env)).toEqual({ authorization: "Basic x" });
    expect(headersOf({}, { MCP_EVENTS_BEARER: "" })).toEqual({});
  });

  it("the token of the environment is no obstacle to a server over stdio", () => {
    expect(parseTarget({}, ["node"], { MCP_EVENTS_BEARER: "x" }).kind).toBe("stdio");
  });

  it.each<[TargetOptions, string[] | undefined, string]>([
    [{}, undefined, "no server is named"],
    [{}, [], "the command of a server is missing"],
    [{ url: URL_TEXT }, ["node"], "exclude each other"],
    [{ url: "server.example" }, undefined, '--url takes an http or https URL, not "server.example"'],
    [{ url: "ftp://server.example" }, undefined, "--url takes an http or https URL"],
    [{ url: "https://me:secret@server.example/" }, undefined, "must not hold a name or password"],
    [{ url: URL_TEXT, header: ["secret"] }, undefined, "one has no colon"],
    [{ url: URL_TEXT, header: ["a b: c"] }, undefined, '--header "a b" is no header'],
    [{ url: URL_TEXT, bearer: "a\nb" }, undefined, "characters that no header may hold"],
    [{ bearer: "x" }, ["node"], "--bearer is for servers reached by --url"],
    [{ header: ["a: b"] }, ["node"], "--header is for servers reached by --url"],
  ])("%j and %j is a usage error, which repeats no secret", (options, command, message) => {
    const failure = (() => {
      try {
        return parseTarget(options, command, {});
      } catch (error) {
        return error as Error;
      }
    })();
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
    expect(JSON.stringify(failure)).not.toContain("secret");
    expect((failure as Error).message).not.toContain("secret");
  });
});
