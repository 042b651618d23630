import { isJsonObject, type JsonObject } from "@mcp-events/protocol";
import { usageError } from "../failures/cli-error";

/**
 * Reads the arguments of an event type: one JSON object, or words of `key=text` and `key:=json`.
 *
 * @throws CliError (usage) naming the word that cannot be read.
 */
export function parseEventArguments(words: readonly string[]): JsonObject {
  const [first, ...others] = words;
  if (first === undefined) return {};
  if (first.trimStart().startsWith("{")) {
    if (others.length > 0)
      throw usageError(`after a JSON object nothing else is read: ${quoted(others[0]!)}`);
    return parseObject(first);
  }
  const entries = words.map(parseWord);
  const twice = entries.find(([key], index) => entries.findIndex(([other]) => other === key) !== index);
  if (twice !== undefined) throw usageError(`the argument ${quoted(twice[0])} is given twice`);
  return Object.fromEntries(entries);
}

/** An event type, and the arguments to subscribe with. */
export interface Selection {
  readonly name: string;
  readonly arguments: JsonObject;
}

/**
 * Reads `NAME`, or `NAME ARGUMENTS` in one word, as `--merge` takes them.
 *
 * @throws CliError (usage) naming what cannot be read.
 */
export function parseSelection(text: string): Selection {
  const [name = "", rest = ""] = text.trim().split(/\s+(.*)/s);
  if (name === "") throw usageError("--merge takes the name of an event type, not an empty word");
  const words = rest.startsWith("{") ? [rest] : rest.split(/\s+/).filter((word) => word !== "");
  return { name, arguments: parseEventArguments(words) };
}

function parseObject(text: string): JsonObject {
  const value = parseJson(text, "the arguments are no JSON");
  if (!isJsonObject(value)) throw usageError(`the arguments have to be a JSON object, not ${quoted(text)}`);
  return value;
}

function parseWord(word: string): readonly [string, unknown] {
  const found = /^([^=]+?)(:?=)(.*)$/s.exec(word);
  if (found === null) {
    throw usageError(
      `the argument ${quoted(word)} cannot be read`,
      'Write key=text, key:=json (numbers, true, null, lists), or one JSON object such as \'{"repo":"acme/web"}\'.',
    );
  }
  const [, key = "", sign, value = ""] = found;
  return [key, sign === "=" ? value : parseJson(value, `the argument ${quoted(key)} is no JSON`)];
}

function parseJson(text: string, problem: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`${problem}: ${reason}`, "For text, write key=text instead of key:=json.");
  }
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
