import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";

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

/** Express, which brings no types of its own. */
export function loadExpress(): Express {
  return createRequire(import.meta.url)("express");
}
