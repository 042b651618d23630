import { defineEvent } from "@mcp-events/protocol";
import * as z from "zod";
import { type FixtureType, MAIN_LOG } from "./fixture-type";
import { noArguments } from "./open-payload";

const definition = defineEvent("file.changed", {
  description:
    "A file below the watched directory was created, changed or removed, in order for each path. " +
    "Silent when the server was started without --watch.",
  inputSchema: noArguments,
  payloadSchema: z.looseObject({
    path: z.string().describe("Path of the file, relative to the watched directory, with forward slashes."),
    kind: z.enum(["created", "changed", "removed"]).describe("What happened to it."),
    size: z.int().optional().describe("Size in bytes; absent when it was removed."),
    n: z.int().optional().describe("Position within a batch that was emitted with `count`, from 1."),
  }),
});

/** Emitted by the watcher of `--watch`; by hand with the `emit` tool. */
export const fileChanged: FixtureType = {
  definition,
  source: "emit",
  log: MAIN_LOG,
  number: "size",
  register: ({ events, controls }) =>
    events.register(definition, {
      log: MAIN_LOG,
      orderingKey: (file) => file.path,
      authorize: ({ principal }, name) => controls.allows(principal, name),
    }),
};
