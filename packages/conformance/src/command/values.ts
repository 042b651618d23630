/** A command line that cannot be followed; the message says why, for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The value of one flag, as `parseArgs` gives it. */
export type Value = string | boolean | readonly (string | boolean)[] | undefined;

export const text = (value: Value): string | undefined => (typeof value === "string" ? value : undefined);

export const strings = (value: Value): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** Headers of `Name: value`. @throws UsageError for anything else. */
export function headersOf(flag: string, value: Value): Record<string, string> {
  const pairs = strings(value).map((header) => {
    const [, name, content] = /^([^:\s]+):\s*(.*)$/.exec(header) ?? [];
    if (name === undefined || content === undefined) {
      throw new UsageError(`--${flag} takes "Name: value", not "${header}"`);
    }
    return [name.toLowerCase(), content] as const;
  });
  return Object.fromEntries(pairs);
}

/** @throws UsageError unless it is a JSON object. */
export function jsonObject(flag: string, value: Value): Record<string, unknown> | undefined {
  if (typeof value !== "string") return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {}
  throw new UsageError(`--${flag} takes a JSON object, not ${value}`);
}

/** @throws UsageError unless it is a whole number over 0. */
export function count(flag: string, value: Value): number | undefined {
  if (typeof value !== "string") return undefined;
  if (/^\d+$/.test(value) && Number(value) > 0) return Number(value);
  throw new UsageError(`--${flag} takes a whole number, not "${value}"`);
}

/** @throws UsageError unless it is one of the choices. */
export function oneOf<const Choice extends string>(
  flag: string,
  value: Value,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${flag} takes ${choices.join(" or ")}, not "${value}"`);
}

/** @throws UsageError unless it is a URL. */
export function url(flag: string, value: Value): string {
  if (typeof value === "string" && URL.canParse(value)) return value;
  throw new UsageError(`--${flag} takes a URL, not "${value ?? "nothing"}"`);
}
