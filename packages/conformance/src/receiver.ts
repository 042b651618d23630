export type { CheckInfo, Severity, Status } from "./kit/check";
export type { CheckResult, Report } from "./kit/report";
export { checkReceiver, listReceiverChecks } from "./receiver/check-receiver";
export { type CheckReceiverOptions, type Observed, RECEIVER_CHECK_DEFAULTS } from "./receiver/options";
