import { realpathSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

type Handler = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
/** What is used of an Express application. */
export interface ExpressApp {
  (req: IncomingMessage, res: ServerResponse): void;
  use(...handlers: (string | Handler)[]): void;
}

/** What is used of Express. */
export interface Express {
  (): ExpressApp;
  json(options?: object): Handler;
  raw(options?: object): Handler;
  text(options?: object): Handler;
}

/** The Express that the MCP SDK brings along. */
export function loadExpress(): Express {
  const sdk = join(
    import.meta.dirname,
    "../../../../server/node_modules/@modelcontextprotocol/sdk/package.json",
  );
  return createRequire(realpathSync(sdk))("express");
}
