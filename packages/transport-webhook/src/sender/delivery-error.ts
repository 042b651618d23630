import type { DeliveryError } from "@mcp-events/protocol";

const TIMEOUTS = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

/** Codes of OpenSSL's certificate checks, of its protocol errors and of Node's own checks. */
const TLS =
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO$|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH|ERROR_IN_)/;

/** The category of what broke an attempt; nothing else of it gets out (HOOK-14). */
export function deliveryError(error: unknown): DeliveryError {
  const code = codeOf(error);
  if (TIMEOUTS.has(code)) return "timeout";
  return TLS.test(code) ? "tls_error" : "connection_refused";
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}
