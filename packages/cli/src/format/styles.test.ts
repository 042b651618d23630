import { expect, it } from "vitest";
import { wantsColor } from "./styles";

it.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ TERM: "dumb" }, true, false],
])("with %j on a terminal (%s): colours %s", (env, isTTY, expected) => {
  expect(wantsColor(env, isTTY)).toBe(expected);
});
