import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** What a Node process prints that does nothing but wait for a clock. */
function printed(clock: string): string {
  const source = `
    import { ${clock} as clock } from ${JSON.stringify(join(import.meta.dirname, "clock.ts"))};
    clock.after(50, () => console.log("fired"));`;
  return execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source], {
    encoding: "utf8",
  }).trim();
}

describe("the machine's time", { timeout: 30_000 }, () => {
  it("a client that waits for its next poll keeps its process alive", () => {
    expect(printed("waitingClock")).toBe("fired");
  });

  it("what serves others does not", () => {
    expect(printed("systemClock")).toBe("");
  });
});
