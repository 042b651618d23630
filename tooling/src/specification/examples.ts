/** A message shown in a document: ```` ```json OrderingMark ````. */
export interface MessageExample {
  /** Name of its schema. */
  readonly schema: string;
  readonly text: string;
  readonly line: number;
}

/** The JSON blocks of a document that name their schema; a JSON block without a name is an error that says where. */
export function messageExamples(markdown: string, path: string): MessageExample[] {
  return [...markdown.matchAll(/^```json([^\n]*)\n(.*?)^```$/gms)].map((match) => {
    const [, schema = "", text = ""] = match;
    const line = markdown.slice(0, match.index).split("\n").length;
    if (schema.trim() === "") throw new Error(`${path}:${line}: say which schema the JSON has`);
    return { schema: schema.trim(), text, line };
  });
}
