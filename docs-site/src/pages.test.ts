import { describe, expect, test } from "vitest";
import { siteAddress, sitePage, sitePages } from "./pages";
import { sidebar } from "./sidebar";

const pages = new Set(sitePages());

describe("addresses on the site", () => {
  const repository = "https://github.com/mcp-events/mcp-events";

  test.each([
    ["docs/README.md", "ordering.md", "/docs/ordering.md"],
    ["docs/ordering.md", "specification/events.md#webhook", "/docs/specification/events.md#webhook"],
    ["README.md", "packages/server", "/packages/server/index.md"],
    ["docs/README.md", "../CONTRIBUTING.md", "/CONTRIBUTING.md"],
    ["packages/client/README.md", `${repository}/blob/main/docs/ordering.md#x`, "/docs/ordering.md#x"],
    ["docs/README.md", "specification/schema", `${repository}/tree/main/docs/specification/schema`],
    ["docs/guide/README.md", "connect.ts", `${repository}/blob/main/docs/guide/connect.ts`],
    ["README.md", "#packages", "#packages"],
    ["README.md", "https://example.com/a.md", "https://example.com/a.md"],
  ])("%s: %s", (from, url, expected) => {
    expect(siteAddress(from, url, pages)).toBe(expected);
  });

  test("a file that is not there is an error that names the page", () => {
    expect(() => siteAddress("docs/README.md", "gone.md", pages)).toThrow(
      "docs/README.md: gone.md: no such file",
    );
  });

  test("only addresses change in a page", () => {
    const page = sitePage("docs/README.md", pages);
    expect(page).toContain("[ordering](/docs/ordering.md)");
    expect(page).toContain("# Documentation\n");
  });
});

test("the sidebar has every page that the indexes name, by its title", () => {
  const [documentation, guide, decisions, packages, reference] = sidebar([{ text: "x", link: "/api/x" }]);
  expect(documentation?.items).toContainEqual({ text: "Ordering", link: "/docs/ordering" });
  expect(documentation?.items).toContainEqual({ text: "Runtimes", link: "/docs/runtimes" });
  expect(guide?.items?.[0]).toEqual({ text: "Guide", link: "/docs/guide/" });
  expect(decisions?.items?.length).toBeGreaterThan(10);
  expect(packages?.items).toContainEqual({ text: "@mcp-events/server", link: "/packages/server/" });
  expect(reference?.items).toEqual([{ text: "x", link: "/api/x" }]);
});
