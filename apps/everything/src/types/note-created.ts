import { defineEvent } from "@mcp-events/protocol";
import * as z from "zod";
import { type FixtureType, MAIN_LOG } from "./fixture-type";

const definition = defineEvent("note.created", {
  description:
    "A note was written. Fires once for each note, in the order of the log and so of each author; " +
    "without arguments for every author's notes.",
  inputSchema: z.strictObject({
    author: z.string().min(1).max(200).optional().describe("Only notes of this author."),
  }),
  payloadSchema: z.looseObject({
    id: z.string().describe("Identifies the note."),
    author: z.string().min(1).max(200).describe("Who wrote it; also the ordering key."),
    text: z.string().describe("What it says."),
    n: z.int().optional().describe("Position within a batch that was emitted with `count`, from 1."),
  }),
});

/** Emit-only, filtered by argument, ordered by author. */
export const noteCreated: FixtureType = {
  definition,
  source: "emit",
  log: MAIN_LOG,
  number: "n",
  register: ({ events, controls }) =>
    events.register(definition, {
      log: MAIN_LOG,
      orderingKey: (note) => note.author,
      match: (note, { author }) => author === undefined || note.author === author,
      authorize: ({ principal }, name) => controls.allows(principal, name),
    }),
};
