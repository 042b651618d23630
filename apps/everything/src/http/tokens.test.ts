import { describe, expect, it } from "vitest";
import { callerOf, principalIn } from "./tokens";

describe("callerOf", () => {
  it("takes a caller without a token for anonymous", () => {
    expect(callerOf(undefined)).toEqual({ kind: "anonymous" });
  });

  it.each([
    ["Bearer alice-token", "alice"],
    ["bearer bob-token", "bob"],
    ["BEARER  bob-token ", "bob"],
  ])("knows the principal of %j", (header, principal) => {
    const caller = callerOf(header);
    expect(caller).toMatchObject({ kind: "principal", principal });
    expect(principalIn(caller.kind === "principal" ? caller.info : undefined)).toBe(principal);
  });

  it.each(["Bearer mallory-token", "Bearer ", "", "Basic YWxpY2U6", "alice-token", "Bearer alice-token x"])(
    "refuses %j",
    (header) => {
      expect(callerOf(header).kind).toBe("refused");
    },
  );
});

describe("principalIn", () => {
  it("finds nobody where no token was given [pitfall 35]: never the OAuth client", () => {
    expect(principalIn(undefined)).toBeNull();
    expect(principalIn({ clientId: "app", token: "t", scopes: [] })).toBeNull();
  });
});
