import { expect, test } from "vitest";
import type { CheckResult, Report } from "../kit/report";
import { countsOf } from "../kit/report";
import { toJson, toJunit, toTable } from "../report";

const result = (status: CheckResult["status"], detail?: string): CheckResult => ({
  id: `PUSH-2.${status.toLowerCase()}`,
  rule: "PUSH-2",
  title: "active <first> & alone",
  severity: status === "WARNING" ? "SHOULD" : "MUST",
  reference: "SEP-3415, Push",
  status,
  detail,
  durationMs: 12,
});

const results = [
  result("SUCCESS"),
  result("FAILURE", 'got "x"\u0000 <y>'),
  result("WARNING", "late"),
  result("SKIPPED", "no tool"),
];
const report: Report = {
  kind: "server",
  subject: "http://127.0.0.1/mcp",
  startedAt: "2026-01-01T00:00:00.000Z",
  durationMs: 1_500,
  results,
  counts: countsOf(results),
  passed: false,
};

test("the table has a line for each check, why, and the sum", () => {
  const table = toTable(report);
  expect(table).toContain("FAILURE  PUSH-2.failure  active <first> & alone");
  expect(table).toContain("MUST: SEP-3415, Push");
  expect(table).toContain("1 passed, 1 failed, 1 warned, 1 skipped in 1500 ms");
});

test("JSON is the report itself", () => {
  expect(JSON.parse(toJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
});

test("JUnit counts failures and skipped checks, escapes, and names rule and reference", () => {
  const xml = toJunit(report);
  expect(xml).toContain('tests="4" failures="1" errors="0" skipped="1" time="1.5"');
  expect(xml).toContain('<failure message="got &quot;x&quot;? &lt;y&gt;">MUST: SEP-3415, Push</failure>');
  expect(xml).toContain('<skipped message="no tool"/>');
  expect(xml).toContain("<system-out>WARNING: late (SHOULD: SEP-3415, Push)</system-out>");
  expect(xml.match(/classname="PUSH-2"/g)).toHaveLength(4);
});
