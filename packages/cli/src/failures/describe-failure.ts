import { EventsError, type EventsErrorCode, WireError, type WireErrorName } from "@mcp-events/protocol";
import { EXIT_CODES, type ExitCode } from "../exit-codes";
import { safeJson, safeText } from "../format/safe-text";
import { BEARER_VARIABLE } from "../options/target";
import { httpStatusOf } from "./causes";
import { CliError } from "./cli-error";
import { statusHint } from "./connect-failure";

/** A failure as it is told: which exit code, what was wrong, what to do. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Reads whatever a command threw. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CliError) {
    return { exitCode: error.exitCode, message: safeText(error.message), hint: error.hint };
  }
  if (WireError.is(error)) return wireFailure(error);
  if (EventsError.is(error)) return localFailure(error);
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT_CODES.failed, message: safeText(message), hint: undefined };
}

const WIRE_HINTS: Readonly<Partial<Record<WireErrorName, string>>> = {
  InvalidParams: "`mcp-events list NAME` shows which arguments the type takes; numbers are written key:=1.",
  NotFound: "`mcp-events list` shows what the server offers.",
  Forbidden: `Webhooks need somebody who is authenticated, and types may be for some only: set ${BEARER_VARIABLE}.`,
  ResourceExhausted: "Close other subscriptions, or try again later.",
  Unsupported: "`mcp-events list` shows the modes of each type.",
  CallbackEndpointError:
    "The endpoint has to be public, to speak https, and to answer the server's challenge; `--dry-run` checks the first two.",
};

function wireFailure(error: WireError): Failure {
  const { error: name, data } = error;
  const details = data === undefined ? "" : ` ${safeJson(data)}`;
  return {
    exitCode: name === "Forbidden" ? EXIT_CODES.notConnected : EXIT_CODES.failed,
    message: `the server answered ${name}: ${safeText(error.message)}${details}`,
    hint: WIRE_HINTS[name],
  };
}

const NOT_CONNECTED: ReadonlySet<EventsErrorCode> = new Set([
  "closed",
  "not_an_events_server",
  "stream_ended",
  "timed_out",
  "transport_failed",
] as const);

const LOCAL_HINTS: Readonly<Partial<Record<EventsErrorCode, string>>> = {
  closed: "With --position FILE the same command goes on where this one stopped.",
  gap: "Without --stop-on-gap the same command goes on after the gap.",
  not_an_events_server: "`mcp-events doctor` shows what it declares.",
  no_compatible_delivery_mode: "`mcp-events list` shows the modes of each type.",
  position_store_failed: "The file is left as it is: repair it, or name another.",
};

function localFailure(error: EventsError): Failure {
  const status = httpStatusOf(error);
  return {
    exitCode: localExitCode(error.code),
    message: safeText(error.message),
    hint: (status === undefined ? undefined : statusHint(status)) ?? LOCAL_HINTS[error.code],
  };
}

function localExitCode(code: EventsErrorCode): ExitCode {
  if (code === "gap") return EXIT_CODES.gap;
  if (code === "option_invalid") return EXIT_CODES.usage;
  return NOT_CONNECTED.has(code) ? EXIT_CODES.notConnected : EXIT_CODES.failed;
}
