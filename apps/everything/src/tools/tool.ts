import type { JsonObject } from "@mcp-events/protocol";
import * as z from "zod";
import type { Fixture } from "../fixture";

/** A tool, independent of the SDK line that offers it. */
export interface FixtureTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  /** @throws Error whose message tells the caller what was wrong. */
  run(fixture: Fixture, input: unknown): Promise<JsonObject>;
}

/** Ties a tool's input schema to the type its `run` gets. */
export function tool<Input extends z.ZodObject>(definition: {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  run(fixture: Fixture, input: z.output<Input>): Promise<JsonObject>;
}): FixtureTool {
  return {
    ...definition,
    run: (fixture, input) => definition.run(fixture, definition.input.parse(input)),
  };
}

/** A tool's answer, or why there is none. */
export interface ToolAnswer {
  [key: string]: unknown;
  content: { type: "text"; text: string }[];
  structuredContent?: JsonObject;
  isError?: true;
}

/** Runs a tool; what goes wrong becomes an answer, never a protocol error. */
export async function answer(called: FixtureTool, fixture: Fixture, input: unknown): Promise<ToolAnswer> {
  try {
    const structuredContent = await called.run(fixture, input);
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { content: [{ type: "text", text: `${called.name}: ${reason}` }], isError: true };
  }
}

/** Name of an event type. */
export const eventName = z.string().min(1).max(200).describe("Name of the event type.");
