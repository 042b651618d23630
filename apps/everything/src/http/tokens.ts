/** What an accepted bearer token says, in the shape both SDK lines hand on. */
export interface TokenInfo {
  readonly token: string;
  readonly clientId: string;
  readonly scopes: string[];
  readonly extra: { readonly principal: string };
}

/** Who a request comes from. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "principal"; readonly principal: string; readonly info: TokenInfo }
  | { readonly kind: "refused"; readonly reason: string };

const PRINCIPALS: ReadonlyMap<string, string> = new Map([
  ["alice-token", "alice"],
  ["bob-token", "bob"],
]);

/** Reads an `Authorization` header. */
export function callerOf(authorization: string | undefined): Caller {
  if (authorization === undefined) return { kind: "anonymous" };
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (token === undefined)
    return { kind: "refused", reason: "the Authorization header is not a bearer token" };
  const principal = PRINCIPALS.get(token);
  if (principal === undefined) return { kind: "refused", reason: "the bearer token is unknown" };
  const info = { token, clientId: "everything-client", scopes: [], extra: { principal } };
  return { kind: "principal", principal, info };
}

/** The principal in what the SDK's authentication handed over. */
export function principalIn(authInfo: unknown): string | null {
  const { extra } = (authInfo ?? {}) as Partial<TokenInfo>;
  return extra?.principal ?? null;
}
