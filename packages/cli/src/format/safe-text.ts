/** Control characters, which could move a terminal's cursor or colour what follows, and those that reverse what is read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What a server sent, so that a terminal shows it and does nothing else: control characters are written as `\u001b`. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** A value as JSON on one line, safe for a terminal, and still the same JSON. */
export function safeJson(value: unknown): string {
  return safeText(JSON.stringify(value) ?? "null");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
