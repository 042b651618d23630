import { readFileSync } from "node:fs";
import { join } from "node:path";
import { slug } from "github-slugger";
import { defineConfig } from "vitepress";

const dist = join(import.meta.dirname, "..", "dist");

export default defineConfig({
  title: "mcp-events",
  description: "Ordered events for the Model Context Protocol",
  base: process.env.SITE_BASE ?? "/",
  srcDir: "dist/pages",
  outDir: "dist/html",
  cacheDir: "dist/cache",
  cleanUrls: true,
  ignoreDeadLinks: false,
  // Headings have the anchors that they have on GitHub, which the repository's tests check.
  markdown: { anchor: { slugify: (heading) => slug(heading) } },
  themeConfig: {
    sidebar: JSON.parse(readFileSync(join(dist, "sidebar.json"), "utf8")),
    nav: [
      { text: "Documentation", link: "/docs/" },
      { text: "Guide", link: "/docs/guide/" },
      { text: "API", link: "/api/" },
    ],
    outline: [2, 3],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: "https://github.com/mcp-events/mcp-events" }],
  },
});
