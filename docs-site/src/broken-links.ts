import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../../tooling/src/workspace";
import { OWN_ADDRESS } from "./pages";

/** A page of the built site: what it links to, and what can be linked to on it. */
interface BuiltPage {
  links: ReadonlySet<string>;
  ids: ReadonlySet<string>;
}

/**
 * The links of a built site that lead nowhere: to no file of it, or to an anchor that its page does not have, as
 * `page: address`; so are links to files that the repository does not have. VitePress itself looks at the files of Markdown
 * links only.
 *
 * @param html - folder of the built site
 * @param base - path that it is served under, with `/` at both ends
 */
export function brokenLinks(html: string, base: string): string[] {
  const pages = readPages(html);
  return [...pages].flatMap(([page, { links }]) =>
    [...links].filter((href) => !leads(href, page)).map((href) => `${page}: ${href}`),
  );

  function leads(href: string, from: string): boolean {
    if (OWN_ADDRESS.test(href))
      return existsSync(join(root, href.replace(OWN_ADDRESS, "").replace(/#.*/, "")));
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(href)) return true;
    const [path = "", anchor = ""] = href.split("#", 2).map(decodeURIComponent);
    if (path.startsWith("/") && !path.startsWith(base)) return false;
    const file = path.startsWith("/") ? path.slice(base.length) : posix.join(posix.dirname(from), path);
    const target =
      path === "" ? from : [`${file}.html`, posix.join(file, "index.html")].find((one) => pages.has(one));
    if (target === undefined) return anchor === "" && existsSync(join(html, file));
    return anchor === "" || pages.get(target)?.ids.has(anchor) === true;
  }
}

function readPages(html: string): ReadonlyMap<string, BuiltPage> {
  const files = readdirSync(html, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".html"),
  );
  return new Map(
    files.map((path) => {
      const text = readFileSync(join(html, path), "utf8");
      return [path, { links: new Set(valuesOf(text, "href")), ids: new Set(valuesOf(text, "id")) }];
    }),
  );
}

function valuesOf(html: string, attribute: string): string[] {
  return [...html.matchAll(new RegExp(` ${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) =>
    value.replaceAll("&amp;", "&"),
  );
}
