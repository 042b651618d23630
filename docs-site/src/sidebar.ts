import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DefaultTheme } from "vitepress";
import { root, workspacePackages } from "../../tooling/src/workspace";
import { addressesOf, titleOf } from "./markdown";
import { siteAddress, sitePages, sitePath } from "./pages";

type Item = DefaultTheme.SidebarItem;

/** The indexes of the documentation: the sidebar has what they name, in their order. */
const INDEXES = [
  { text: "Documentation", index: "docs/README.md", collapsed: false },
  { text: "Guide", index: "docs/guide/README.md", collapsed: false },
  { text: "Decisions", index: "docs/decisions/README.md", collapsed: true },
];

/**
 * The site's sidebar.
 *
 * @param reference - the modules of the API reference
 */
export function sidebar(reference: readonly Item[]): Item[] {
  const listed = INDEXES.map(({ text, index, collapsed }) => ({ text, collapsed, items: itemsOf(index) }));
  const packages = workspacePackages().map(({ folder, manifest }) => ({
    text: manifest.name,
    link: `/${folder}/`,
  }));
  return [
    ...listed,
    { text: "Packages", collapsed: false, items: packages },
    { text: "API reference", collapsed: true, items: [...reference] },
  ];
}

/** The pages that an index names, itself first, each by its title. */
function itemsOf(index: string): Item[] {
  const pages = sitePages();
  const known = new Set(pages);
  const named = addressesOf(read(index)).map(({ url }) => siteAddress(index, url, known).replace(/#.*/, ""));
  const paths = [...new Set([`/${sitePath(index)}`, ...named])];
  return paths.flatMap((link) => {
    const page = pages.find((path) => `/${sitePath(path)}` === link);
    return page === undefined ? [] : [{ text: titleOf(read(page)), link: link.replace(/(index)?\.md$/, "") }];
  });
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
