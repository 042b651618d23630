import { EventsError } from "@mcp-events/protocol";
import { expect, test } from "vitest";
import { refuseBun } from "./refuse-bun";

test("HOOK-15: no sender is made where connections cannot be held to the address that was checked", () => {
  expect(() => refuseBun({ node: "24.3.0", bun: "1.4.5" })).toThrow(
    expect.objectContaining({ code: "option_invalid", message: expect.stringContaining("Bun") }),
  );
  expect(() => refuseBun({ bun: "1.4.5" })).toThrow(EventsError);
});

test("Node and Deno are taken", () => {
  expect(() => refuseBun({ node: "20.19.0" })).not.toThrow();
  expect(() => refuseBun({ node: "24.0.0", deno: "2.9.6" })).not.toThrow();
});
