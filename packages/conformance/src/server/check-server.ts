import type { CheckInfo } from "../kit/check";
import type { Report } from "../kit/report";
import { runChecks, selected } from "../kit/run-checks";
import { SERVER_CHECKS } from "./checks";
import { ServerContext } from "./context";
import { type CheckServerOptions, settingsOf } from "./options";
import { ServerSession } from "./session";
import { describeTarget, type ServerTarget } from "./target";

/**
 * Checks a server against the rules of the events extension, by raw JSON-RPC, without any SDK.
 *
 * @param target - Its URL, the command that starts it on stdio, or pipes to it.
 * @throws RangeError when `only` names no check, or `type` no event type that the server lists; Error when the server cannot be reached.
 */
export async function checkServer(target: ServerTarget, options: CheckServerOptions = {}): Promise<Report> {
  selected(SERVER_CHECKS, options.only);
  const session = await ServerSession.open(target, settingsOf(options));
  try {
    requireType(session);
    const about = { kind: "server", subject: describeTarget(target) } as const;
    return await runChecks(about, SERVER_CHECKS, () => new ServerContext(session), options);
  } finally {
    await session.close();
  }
}

/** A type that is misspelt must not be taken for any other. */
function requireType({ settings, types }: ServerSession): void {
  const { type } = settings;
  if (type === undefined || types.size === 0 || types.has(type)) return;
  throw new RangeError(
    `the server lists no event type ${JSON.stringify(type)}, but ${[...types.keys()].join(", ")}`,
  );
}

/** The checks that {@link checkServer} runs, in their order. */
export function listServerChecks(): readonly CheckInfo[] {
  return SERVER_CHECKS.map(({ id, title, severity, reference }) => ({ id, title, severity, reference }));
}
