import { describe, expect, it } from "vitest";
import { loadExamples } from "./examples";
import { orderingKeyOf } from "./ordering-key";

const repository = { full_name: "acme/web" };
const organization = { login: "acme" };
const installation = { id: 5 };

describe("orderingKeyOf", () => {
  it.each([
    ["an issue", { repository, issue: { number: 7 } }, "acme/web#7"],
    ["a pull request", { repository, organization, pull_request: { number: 8 } }, "acme/web#8"],
    ["a discussion", { repository, discussion: { number: 9 } }, "acme/web#9"],
    ["a numbered payload", { repository, number: 10 }, "acme/web#10"],
    ["a repository", { repository, organization, installation }, "acme/web"],
    ["an organization", { organization, installation }, "org:acme"],
    ["an installation", { installation }, "installation:5"],
    ["none of these", { sender: { login: "octocat" } }, undefined],
  ])("is that of %s", (_what, payload, key) => {
    expect(orderingKeyOf(payload)).toBe(key);
  });

  it("exists for all recordings but the 14 that belong to nothing", () => {
    const without = loadExamples().filter(({ payload }) => orderingKeyOf(payload) === undefined);
    expect(without).toHaveLength(14);
    expect(new Set(without.map(({ kind }) => kind))).toEqual(
      new Set(["github_app_authorization", "marketplace_purchase", "security_advisory", "sponsorship"]),
    );
  });
});
