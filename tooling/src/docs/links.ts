import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import GithubSlugger from "github-slugger";
import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString as textOf } from "mdast-util-to-string";

/** Pages that are published by themselves name files of the repository by address. */
const OWN_ADDRESS = /^https:\/\/github\.com\/mcp-events\/mcp-events\/(?:blob|tree)\/main\//;
const OTHER_ADDRESS = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** A link or image of a Markdown document. */
interface Link {
  url: string;
  line: number;
}

/**
 * Reads Markdown documents and finds their links into the repository that lead nowhere: the file or folder is missing,
 * or the heading that the anchor names.
 */
export class LinkChecker {
  readonly #anchors = new Map<string, ReadonlySet<string>>();

  /** @param root - Absolute folder that links must stay in. */
  constructor(private readonly root: string) {}

  /** The broken links of a document, as `file:line: url: reason`. */
  broken(path: string): string[] {
    return linksOf(parse(join(this.root, path))).flatMap(({ url, line }) => {
      const reason = this.#problem(path, url);
      return reason === undefined ? [] : [`${path}:${line}: ${url}: ${reason}`];
    });
  }

  #problem(from: string, url: string): string | undefined {
    const isOwn = OWN_ADDRESS.test(url);
    if (!isOwn && OTHER_ADDRESS.test(url)) return undefined;
    const [target = "", anchor] = url.replace(OWN_ADDRESS, "").split("#", 2).map(decodeURIComponent);
    const path = target === "" ? from : posix.join(isOwn ? "." : posix.dirname(from), target);
    if (path.startsWith("..")) return "leads out of the repository";
    const file = join(this.root, path);
    if (!existsSync(file)) return "no such file";
    if (anchor === undefined) return undefined;
    if (!path.endsWith(".md")) return "an anchor in what is not Markdown";
    return this.#anchorsOf(file).has(anchor) ? undefined : "no such heading";
  }

  #anchorsOf(file: string): ReadonlySet<string> {
    const known = this.#anchors.get(file) ?? anchorsOf(parse(file));
    this.#anchors.set(file, known);
    return known;
  }
}

/** The addresses of a document's links, as they are written. */
export function urlsOf(markdown: string): string[] {
  return linksOf(fromMarkdown(markdown)).map(({ url }) => url);
}

function parse(file: string): Root {
  return fromMarkdown(readFileSync(file, "utf8"));
}

function linksOf(tree: Root): Link[] {
  return [...below(tree)].flatMap((node) =>
    node.type === "link" || node.type === "image" || node.type === "definition"
      ? [{ url: node.url, line: node.position?.start.line ?? 0 }]
      : [],
  );
}

/** Headings get the anchors that GitHub gives them; one that comes again gets a number. */
function anchorsOf(tree: Root): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const headings = [...below(tree)].filter((node) => node.type === "heading");
  return new Set(headings.map((heading) => slugger.slug(textOf(heading))));
}

function* below(node: Nodes): Generator<Nodes> {
  yield node;
  if (!("children" in node)) return;
  for (const child of node.children) yield* below(child);
}
