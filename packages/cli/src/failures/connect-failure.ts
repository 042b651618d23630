import { EXIT_CODES } from "../exit-codes";
import { BEARER_VARIABLE, type Target } from "../options/target";
import { httpStatusOf, rootMessage, systemCodeOf } from "./causes";
import { CliError } from "./cli-error";

/** Where a server is, in words that hold no secret: arguments of a command may. */
export function placeOf(target: Target): string {
  return target.kind === "http" ? target.url.origin + target.url.pathname : JSON.stringify(target.command);
}

/** What it means that no connection came about. */
export function connectFailure(error: unknown, target: Target): CliError {
  const status = target.kind === "http" ? httpStatusOf(error) : undefined;
  const reason = status === undefined ? reasonOf(error) : `HTTP ${status}`;
  const hint = status === undefined ? networkHint(systemCodeOf(error), target) : statusHint(status);
  const message = `no connection to ${placeOf(target)}: ${reason}`;
  return new CliError(EXIT_CODES.notConnected, message, hint, { cause: error });
}

/** What to do about an HTTP status. */
export function statusHint(status: number): string | undefined {
  if (status === 401)
    return `The server wants to know who you are: set ${BEARER_VARIABLE}, or give --header.`;
  if (status === 403)
    return "The server knows who you are and refuses; or it does not serve this host name or origin.";
  if (status === 404 || status === 405) return "Is the path right? MCP servers are often at /mcp.";
  if (status === 429) return "The server wants fewer requests: try again later.";
  if (status >= 500) return "The server, or a proxy before it, failed: look at its log.";
  return undefined;
}

function reasonOf(error: unknown): string {
  const code = systemCodeOf(error);
  const message = rootMessage(error);
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function networkHint(code: string | undefined, target: Target): string | undefined {
  if (target.kind === "stdio") {
    if (code === "ENOENT") return "There is no such command: is it installed, and in PATH?";
    if (code === "EACCES") return "The file cannot be executed.";
    return "The server ended, or did not speak MCP on stdout. What it wrote to stderr stands above.";
  }
  if (code === "ECONNREFUSED") return "Nothing listens there: is the server running, and is the port right?";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "The host name is not known: is it spelt right?";
  if (code?.includes("CERT") === true)
    return "The server's certificate is not trusted here; see NODE_EXTRA_CA_CERTS.";
  return undefined;
}
