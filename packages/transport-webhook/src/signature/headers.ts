/** Headers of a request, as Node and the Fetch API have them; names in any case. */
export type WebhookRequestHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** One header; `undefined` when it is absent or empty. */
export function headerOf(headers: WebhookRequestHeaders, name: string): string | undefined {
  const value = hasGetter(headers) ? headers.get(name) : fieldOf(headers, name.toLowerCase());
  const text = typeof value === "string" ? value : value?.join(", ");
  return text === "" ? undefined : text;
}

function hasGetter(headers: WebhookRequestHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === "function";
}

function fieldOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  lower: string,
): string | readonly string[] | undefined {
  if (Object.hasOwn(headers, lower)) return headers[lower];
  const name = Object.keys(headers).find((key) => key.toLowerCase() === lower);
  return name === undefined ? undefined : headers[name];
}
