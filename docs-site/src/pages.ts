import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { filesBelow, root } from "../../tooling/src/workspace";
import { addressesOf } from "./markdown";

/** Where files of the repository are read that are no pages of the site. */
const REPOSITORY = "https://github.com/mcp-events/mcp-events";
export const OWN_ADDRESS = /^https:\/\/github\.com\/mcp-events\/mcp-events\/(?:blob|tree)\/main\//;
const OTHER_ADDRESS = /^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i;

/** The Markdown documents of the repository that are pages of the site, as paths from its root. */
export function sitePages(): string[] {
  const readmes = ["packages", "apps", "bench", "simulator", "examples"].flatMap((folder) =>
    filesBelow(folder, "README.md"),
  );
  return ["README.md", "CONTRIBUTING.md", ...filesBelow("docs", ".md"), ...readmes];
}

/** The path of a document on the site: a README is the index of its folder. */
export function sitePath(path: string): string {
  return path.replace(/(^|\/)README\.md$/, "$1index.md");
}

/** A document as the site has it: links to other pages lead to those, links to other files lead to the repository. */
export function sitePage(path: string, pages: ReadonlySet<string>): string {
  const markdown = readFileSync(join(root, path), "utf8");
  let page = "";
  let done = 0;
  for (const { url, start, end } of addressesOf(markdown)) {
    page += markdown.slice(done, start) + siteAddress(path, url, pages);
    done = end;
  }
  return page + markdown.slice(done);
}

/**
 * An address in a document, as the site has it.
 *
 * @param from - the document it stands in
 * @throws Error when it names a file that does not exist
 */
export function siteAddress(from: string, url: string, pages: ReadonlySet<string>): string {
  const isOwn = OWN_ADDRESS.test(url);
  if (!isOwn && OTHER_ADDRESS.test(url)) return url;
  const [target = "", anchor] = url.replace(OWN_ADDRESS, "").split("#", 2);
  const path = posix.join(isOwn ? "." : posix.dirname(from), target).replace(/\/$/, "");
  const page = [path, posix.join(path, "README.md")].find((candidate) => pages.has(candidate));
  if (page !== undefined) return `/${sitePath(page)}${anchor === undefined ? "" : `#${anchor}`}`;
  if (!existsSync(join(root, path))) throw new Error(`${from}: ${url}: no such file`);
  const kind = statSync(join(root, path)).isDirectory() ? "tree" : "blob";
  return `${REPOSITORY}/${kind}/main/${path}`;
}
