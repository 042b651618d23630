import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * The links of a built site that lead to no page of it or to an anchor that its page does not have, as
 * `page: address`. VitePress itself looks at the files only.
 *
 * @param html - the built site, with `cleanUrls` and base `/`
 */
export function brokenAnchors(html: string, base = "/"): string[] {
  const pages = new Map(
    readdirSync(html, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".html"))
      .map((path) => [urlOf(path), readFileSync(join(html, path), "utf8")]),
  );
  const ids = new Map([...pages].map(([url, text]) => [url, new Set(valuesOf(text, "id"))]));
  return [...pages].flatMap(([url, text]) => {
    const links = new Set(valuesOf(text, "href").filter((href) => !/^([a-z]+:|\/\/)/i.test(href)));
    return [...links].filter((href) => !leads(href, url, ids, base)).map((href) => `${url}: ${href}`);
  });
}

function leads(href: string, from: string, ids: ReadonlyMap<string, ReadonlySet<string>>, base: string): boolean {
  const [path = "", anchor = ""] = href.split("#", 2).map(decodeURIComponent);
  const target = path === "" ? from : posix.resolve(from, "..", path.replace(base, "/"));
  if (/\.(css|js|woff2|svg|png|ico)$/.test(target)) return true;
  const found = ids.get(target.replace(/\/$/, "")) ?? ids.get(target);
  return found !== undefined && (anchor === "" || found.has(anchor));
}

/** `a/index.html` is `/a`, `a/b.html` is `/a/b`. */
function urlOf(path: string): string {
  return `/${path.replaceAll("\\", "/").replace(/\.html$/, "")}`.replace(/\/index$/, "");
}

function valuesOf(html: string, attribute: string): string[] {
  return [...html.matchAll(new RegExp(` ${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) =>
    value.replaceAll("&amp;", "&"),
  );
}
