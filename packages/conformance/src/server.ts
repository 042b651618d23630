export type { CheckInfo, Severity, Status } from "./kit/check";
export type { CheckResult, Report } from "./kit/report";
export { checkServer, listServerChecks } from "./server/check-server";
export { type CheckServerOptions, SERVER_CHECK_DEFAULTS } from "./server/options";
export type { ServerTarget, Style } from "./server/target";
