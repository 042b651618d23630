export { checkClient, listClientChecks } from "./client/check-client";
export { commandDriver } from "./client/command-driver";
export { type CheckClientOptions, CLIENT_CHECK_DEFAULTS } from "./client/options";
export type { ClientDriver, ClientScenario, RunningClient, Seen } from "./client/scenario";
export type { CheckInfo, Severity, Status } from "./kit/check";
export type { CheckResult, Report } from "./kit/report";
