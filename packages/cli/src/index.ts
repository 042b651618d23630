export { EXIT_CODES, type ExitCode } from "./exit-codes";
export { type RunCliOptions, runCli } from "./run-cli";
