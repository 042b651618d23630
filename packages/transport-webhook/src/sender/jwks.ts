import type { IncomingMessage, ServerResponse } from "node:http";
import { WELL_KNOWN } from "@mcp-events/protocol";
import type { Identity } from "./identity";

/** How long receivers may keep the keys; a new key is to be published this long before it signs, in seconds. */
const MAX_AGE_S = 300;

/** Answers the well-known path with the public keys (HOOK-16). */
export interface JwksHandlers {
  /** For Node's servers and Express; what is not for it goes to `next`, or is answered 404. */
  node(request: IncomingMessage, response: ServerResponse, next?: () => void): void;
  /** For web-standard servers; `undefined`: the request is not for it. */
  fetch(request: Request): Response | undefined;
}

/** Both forms of the handler for one identity. */
export function jwksHandlers(identity: Identity): JwksHandlers {
  const headers = {
    "content-type": "application/jwk-set+json",
    "cache-control": `public, max-age=${MAX_AGE_S}`,
  };
  const body = () => JSON.stringify(identity.jwks());
  return {
    node(request, response, next) {
      if (isFor(request.method, (request.url ?? "").split("?")[0])) {
        response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : body());
      } else if (next !== undefined) next();
      else response.writeHead(404).end();
    },
    fetch(request) {
      if (!isFor(request.method, new URL(request.url).pathname)) return undefined;
      return new Response(request.method === "HEAD" ? null : body(), { headers });
    },
  };
}

function isFor(method: string | undefined, path: string | undefined): boolean {
  return (method === "GET" || method === "HEAD") && path === WELL_KNOWN.jwks;
}
