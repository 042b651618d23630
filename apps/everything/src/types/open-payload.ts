import * as z from "zod";

/** A payload whose content is the emitter's business. */
export const openPayload = z.looseObject({
  n: z.int().optional().describe("Position within a batch that was emitted with `count`, from 1."),
});

/** An event type that takes no arguments; an unknown one is refused, not ignored. */
export const noArguments = z.strictObject({});
