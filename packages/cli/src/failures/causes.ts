/** An error, and what it says it was caused by, from the outside in. */
function* chain(error: unknown): Generator<Readonly<Record<string, unknown>>> {
  const seen = new Set<unknown>();
  let current = error;
  while (typeof current === "object" && current !== null && !seen.has(current)) {
    seen.add(current);
    yield current as Record<string, unknown>;
    const { errors, cause } = current as { errors?: unknown; cause?: unknown };
    current = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
}

/** The HTTP status an SDK reports, wherever it puts it: v1 in `code`, v2 in `data.status`. */
export function httpStatusOf(error: unknown): number | undefined {
  for (const { code, data, name } of chain(error)) {
    const status = (data as { status?: unknown } | null | undefined)?.status ?? code;
    if (typeof status === "number" && status >= 100 && status <= 599) return status;
    if (name === "UnauthorizedError") return 401;
  }
  return undefined;
}

/** The code of a failure of the system or the network, such as `ECONNREFUSED`. */
export function systemCodeOf(error: unknown): string | undefined {
  for (const { code } of chain(error)) {
    if (typeof code === "string" && /^(E[A-Z0-9]{2,}|UND_ERR_\w+|CERT_\w+|\w+_CERT(_\w+)?)$/.test(code))
      return code;
  }
  return undefined;
}

/** The innermost message that says something. */
export function rootMessage(error: unknown): string {
  let message = "";
  for (const one of chain(error)) {
    if (typeof one.message === "string" && one.message !== "") message = one.message;
  }
  return message === "" ? String(error) : message;
}
