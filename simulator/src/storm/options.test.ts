import { describe, expect, it } from "vitest";
import { parseCommand, STORM_DEFAULTS, UsageError } from "./options";

describe("the command line of the storm", () => {
  it("has defaults, and takes every flag", () => {
    expect(parseCommand([])).toMatchObject({ kind: "run", options: { ...STORM_DEFAULTS, json: false } });
    const argv = "-- --runs 5 --from 7 --minutes 0.5 --control loose-prev --workers 3 --json".split(" ");
    expect(parseCommand(argv)).toEqual({
      kind: "run",
      options: {
        runs: 5,
        from: 7,
        minutes: 0.5,
        seed: undefined,
        control: "loose-prev",
        workers: 3,
        json: true,
      },
    });
    expect(parseCommand(["--seed", "12"])).toMatchObject({ options: { seed: 12 } });
    expect([parseCommand(["--help"]).kind, parseCommand(["--list"]).kind]).toEqual(["help", "list"]);
  });

  it.each([
    [["--runs", "0"], /--runs must be a positive whole number, not 0/],
    [["--seed", "1.5"], /--seed must be/],
    [["--minutes", "-1"], /--minutes/],
    [["--workers", "x"], /--workers/],
    [["--storm"], /--storm/],
    [["positional"], /positional/],
  ])("refuses %j by name", (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
    expect(() => parseCommand(argv)).toThrow(message);
  });
});
