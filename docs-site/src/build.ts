import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "vitepress";
import { brokenLinks } from "./broken-links";
import { sitePage, sitePages, sitePath } from "./pages";
import { writeReference } from "./reference";
import { sidebar } from "./sidebar";

// Builds the documentation site into docs-site/dist/html: the repository's Markdown, and the API reference from the
// packages' sources. Exits 1 when a link leads nowhere. SITE_BASE is the path it will be served under; default "/".

const site = join(import.meta.dirname, "..");
const dist = join(site, "dist");

async function buildSite(): Promise<string[]> {
  await rm(dist, { recursive: true, force: true });
  const pages = sitePages();
  const known = new Set(pages);
  for (const path of pages) await write(`pages/${sitePath(path)}`, sitePage(path, known));
  const entries = await writeReference(join(dist, "pages", "api"));
  const reference = entries.map((name) => ({ text: name, link: `/api/${name}` }));
  await write("sidebar.json", JSON.stringify(sidebar(reference)));
  await build(site);
  return brokenLinks(join(dist, "html"), process.env.SITE_BASE ?? "/");
}

async function write(path: string, text: string): Promise<void> {
  const file = join(dist, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

const broken = await buildSite();
for (const problem of broken) console.error(`- ${problem}`);
process.exitCode = broken.length > 0 ? 1 : 0;
