import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "./respond";

/** Whether a `host[:port]` is this machine's own, whatever the port: proxies on loopback keep or rewrite it. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = hostname(`http://${host}`);
  return name !== undefined && isLoopbackName(name);
}

/** Whether an `Origin` is a page served from this machine. */
export function isLoopbackOrigin(origin: string): boolean {
  const name = hostname(origin);
  return name !== undefined && isLoopbackName(name);
}

/**
 * Refuses requests that a page from elsewhere made a browser send (DNS rebinding, cross-site), and lets pages from this
 * machine read the answers. False: the request is answered.
 */
export function admitLoopback(req: IncomingMessage, res: ServerResponse): boolean {
  const { host, origin } = req.headers;
  if (!isLoopbackHost(host)) {
    refuse(res, 403, `Host ${host} is not this machine`);
    return false;
  }
  if (origin === undefined) return true;
  if (!isLoopbackOrigin(origin)) {
    refuse(res, 403, `Origin ${origin} is not this machine`);
    return false;
  }
  res.setHeader("access-control-allow-origin", origin);
  res.setHeader("access-control-expose-headers", "mcp-session-id, www-authenticate");
  res.setHeader("vary", "origin");
  return true;
}

/** Answers a CORS preflight. */
export function preflight(req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(204, {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers": req.headers["access-control-request-headers"] ?? "*",
    "access-control-max-age": "600",
  });
  res.end();
}

function hostname(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function isLoopbackName(name: string): boolean {
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(name)
  );
}
