import { usageError } from "../failures/cli-error";

/** The server to speak to. */
export type Target =
  | { readonly kind: "http"; readonly url: URL; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "stdio"; readonly command: string; readonly args: readonly string[] };

/** What the command line says of the server. */
export interface TargetOptions {
  readonly url?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly bearer?: string | undefined;
}

/** The variable that a bearer token is read from, so that it needs not stand in the list of processes. */
export const BEARER_VARIABLE = "MCP_EVENTS_BEARER";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads which server is meant: `--url`, or the command after `--`.
 *
 * @param command - What stood after `--`; `undefined` when there was no `--`.
 * @throws CliError (usage) naming the option that cannot be followed.
 */
export function parseTarget(
  options: TargetOptions,
  command: readonly string[] | undefined,
  env: Environment,
): Target {
  const { url, header = [], bearer } = options;
  if (url !== undefined && command !== undefined) {
    throw usageError("--url and a command after -- exclude each other: which server is meant?");
  }
  if (url !== undefined) {
    return { kind: "http", url: parseUrl(url), headers: headersOf(header, bearer ?? env[BEARER_VARIABLE]) };
  }
  if (command === undefined) {
    throw usageError("no server is named", "Give --url URL, or -- and the command that starts a server.");
  }
  const [program, ...args] = command;
  if (program === undefined || program === "")
    throw usageError("after -- the command of a server is missing");
  if (header.length > 0) throw usageError("--header is for servers reached by --url");
  if (bearer !== undefined) throw usageError("--bearer is for servers reached by --url");
  return { kind: "stdio", command: program, args };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw usageError(`--url takes an http or https URL, not ${JSON.stringify(text)}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw usageError(
      "--url must not hold a name or password",
      `They would stand in the list of processes: use --header, or ${BEARER_VARIABLE}.`,
    );
  }
  return url;
}

function headersOf(lines: readonly string[], bearer: string | undefined): Record<string, string> {
  const headers = new Headers();
  for (const line of lines) addHeader(headers, line);
  if (bearer !== undefined && bearer !== "" && !headers.has("authorization")) {
    if (!/^[\x21-\x7e]+$/.test(bearer))
      throw usageError("the bearer token holds characters that no header may hold");
    headers.set("authorization", `Bearer ${bearer}`);
  }
  return Object.fromEntries(headers);
}

/** The value is left out of what is said: it may be a secret. */
function addHeader(headers: Headers, line: string): void {
  const colon = line.indexOf(":");
  if (colon < 1) throw usageError("--header takes 'Name: value', and one has no colon");
  const name = line.slice(0, colon).trim();
  try {
    headers.append(name, line.slice(colon + 1).trim());
  } catch {
    throw usageError(`--header ${JSON.stringify(name)} is no header that HTTP allows`);
  }
}
