import { describe, expect, it } from "vitest";
import { DEMO_DEFAULTS, HELP, parseCommand, UsageError } from "./options";

describe("parseCommand", () => {
  it("has a default for everything", () => {
    expect(parseCommand([])).toEqual({ kind: "run", options: DEMO_DEFAULTS });
  });

  it("reads every flag, also behind the -- that pnpm passes on", () => {
    const argv = "-- --seed 7 --events 150 --repos 3 --faults hard --json".split(" ");
    expect(parseCommand(argv)).toEqual({
      kind: "run",
      options: { seed: 7, events: 150, repos: 3, faults: "hard", json: true },
    });
  });

  it("asks for help", () => {
    expect(parseCommand(["--help"])).toEqual({ kind: "help" });
  });

  it("explains every flag in the help", () => {
    for (const flag of ["seed", "events", "repos", "faults", "json", "help"]) {
      expect(HELP).toContain(`--${flag}`);
    }
  });

  it.each([
    [["--events", "0"], "--events"],
    [["--events", "ten"], "--events"],
    [["--seed", "-1"], "--seed"],
    [["--repos", "1.5"], "--repos"],
    [["--faults", "some"], "--faults takes none, default, hard"],
    [["--fast"], "--fast"],
    [["now"], "now"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
    expect(() => parseCommand(argv)).toThrow(message);
  });
});
