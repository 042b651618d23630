export type { CheckInfo, Severity, Status } from "./kit/check";
export type { CheckResult, Report } from "./kit/report";
export { toJson } from "./report/json";
export { toJunit } from "./report/junit";
export { toTable } from "./report/table";
