import { expect, it } from "vitest";
import { loadExamples } from "./examples";
import { busiestTypes } from "./selection";

it("gives the types with most recordings, in the same order every time", () => {
  const examples = loadExamples();
  expect(busiestTypes(examples, 3)).toEqual(["push", "commit_comment.created", "create"]);
  expect(busiestTypes(examples, 1_000)).toHaveLength(161);
});
