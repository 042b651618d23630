import { isIP } from "node:net";
import { usageError } from "../failures/cli-error";

/**
 * Checks `--callback`.
 *
 * @throws CliError (usage).
 */
export function parseCallback(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw usageError(`--callback takes an http or https URL, not ${JSON.stringify(text)}`);
  }
  return url.href;
}

/** Whether only this machine or its own network can reach a host, as far as the name tells. */
export function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (name === "localhost" || /\.(localhost|local|internal|test|invalid)$/.test(name)) return true;
  if (isIP(name) === 4) {
    return /^(0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\./.test(name);
  }
  return isIP(name) === 6 && /^(::1?$|::ffff:|f[cd]|fe[89ab])/.test(name);
}
