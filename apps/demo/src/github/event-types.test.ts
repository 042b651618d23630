import { describe, expect, it } from "vitest";
import { defineEventTypes } from "./event-types";
import { loadExamples } from "./examples";

const examples = loadExamples();
const types = defineEventTypes(examples);

describe("defineEventTypes", () => {
  it("makes one type of each kind and action", () => {
    const names = types.map(({ name }) => name);
    expect(names).toHaveLength(161);
    expect(names).toEqual(expect.arrayContaining(["push", "pull_request.opened", "issues.labeled"]));
    expect(names).toEqual(names.toSorted());
  });

  it("says what GitHub says of the kind", () => {
    expect(types.find(({ name }) => name === "fork")?.description).toMatch(/^GitHub webhook fork: .+/);
  });

  it("asks of a payload what all its recordings have in common", () => {
    const push = types.find(({ name }) => name === "push")?.payloadSchema.json;
    expect(push?.required).toEqual(expect.arrayContaining(["ref", "before", "after", "commits"]));
    expect(push?.properties).toMatchObject({ ref: { type: "string" }, commits: { type: "array" } });
    for (const { payload } of examples.filter(({ type }) => type === "push")) {
      for (const name of (push?.required ?? []) as string[]) expect(payload).toHaveProperty([name]);
    }
  });
});
