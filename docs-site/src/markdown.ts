import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString as textOf } from "mdast-util-to-string";

/** An address in a Markdown document: where it stands in the text, from the first character to behind the last. */
export interface Address {
  url: string;
  start: number;
  end: number;
}

/** The addresses of a document's links, images and definitions, in the order they stand in. */
export function addressesOf(markdown: string): Address[] {
  return [...below(fromMarkdown(markdown))].flatMap((node) => {
    if (node.type !== "link" && node.type !== "image" && node.type !== "definition") return [];
    const begin = node.position?.start.offset ?? 0;
    const text = markdown.slice(begin, node.position?.end.offset);
    const at = text.lastIndexOf(node.url);
    return at < 0 ? [] : [{ url: node.url, start: begin + at, end: begin + at + node.url.length }];
  });
}

/** The text of a document's first heading. */
export function titleOf(markdown: string): string {
  const heading = fromMarkdown(markdown).children.find((node) => node.type === "heading");
  return heading === undefined ? "" : textOf(heading);
}

function* below(node: Root | Nodes): Generator<Nodes> {
  yield node;
  if (!("children" in node)) return;
  for (const child of node.children) yield* below(child);
}
