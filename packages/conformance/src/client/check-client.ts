import type { Check, CheckInfo } from "../kit/check";
import type { Report } from "../kit/report";
import { runChecks, selected } from "../kit/run-checks";
import { clientPollChecks } from "./checks-poll";
import { clientPushChecks } from "./checks-push";
import { ClientContext } from "./context";
import { type CheckClientOptions, clientSettings } from "./options";
import type { ClientDriver } from "./scenario";

const CLIENT_CHECKS: readonly Check<ClientContext>[] = [...clientPollChecks, ...clientPushChecks];

/**
 * Checks a client: for each check it is started anew against a scripted server, and what it asks of the server and
 * tells its application is compared with what it should.
 *
 * @param driver - Starts the client for a scenario; `commandDriver` does so for a program of any language.
 * @param subject - Names the client in the report.
 * @throws RangeError when `only` names no check.
 */
export async function checkClient(
  driver: ClientDriver,
  subject: string,
  options: CheckClientOptions = {},
): Promise<Report> {
  selected(CLIENT_CHECKS, options.only);
  const settings = clientSettings(options);
  const about = { kind: "client", subject } as const;
  return runChecks(about, CLIENT_CHECKS, () => new ClientContext(driver, settings), options);
}

/** The checks that {@link checkClient} runs, in their order. */
export function listClientChecks(): readonly CheckInfo[] {
  return CLIENT_CHECKS.map(({ id, title, severity, reference }) => ({ id, title, severity, reference }));
}
