import type { CheckResult, Report } from "../kit/report";

/** The report as JUnit XML, for CI: a failure is a failure, a warning a line of output, a skipped check is skipped. */
export function toJunit(report: Report): string {
  const { results, counts, durationMs, startedAt, kind, subject } = report;
  const attributes = [
    ["name", `mcp-events ${kind}`],
    ["hostname", subject],
    ["timestamp", startedAt],
    ["tests", results.length],
    ["failures", counts.FAILURE],
    ["errors", 0],
    ["skipped", counts.SKIPPED],
    ["time", durationMs / 1_000],
  ] as const;
  const suite = `<testsuite ${written(attributes)}>`;
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', suite, ...results.map(testcase), "</testsuite>"];
  return `${lines.join("\n")}\n`;
}

function testcase({
  id,
  rule,
  title,
  status,
  detail = "",
  severity,
  reference,
  durationMs,
}: CheckResult): string {
  const attributes = written([
    ["classname", rule],
    ["name", `${id}: ${title}`],
    ["time", durationMs / 1_000],
  ]);
  if (status === "SUCCESS") return `  <testcase ${attributes}/>`;
  return `  <testcase ${attributes}>${inner(status, detail, `${severity}: ${reference}`)}</testcase>`;
}

function inner(status: "FAILURE" | "WARNING" | "SKIPPED", detail: string, where: string): string {
  if (status === "SKIPPED") return `<skipped ${written([["message", detail]])}/>`;
  if (status === "FAILURE") return `<failure ${written([["message", detail]])}>${escaped(where)}</failure>`;
  return `<system-out>${escaped(`WARNING: ${detail} (${where})`)}</system-out>`;
}

function written(attributes: readonly (readonly [string, string | number])[]): string {
  return attributes.map(([name, value]) => `${name}="${escaped(String(value))}"`).join(" ");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML knows no control characters, not even escaped. */
function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, "?")
    .replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
