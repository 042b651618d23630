import type { Logger } from "@mcp-events/protocol";
import { LOG_LEVELS, type LogLevel } from "./options";

/** One JSON object a line, to stderr: stdout belongs to the protocol. */
export function stderrLogger(level: LogLevel): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const writer = (at: Exclude<LogLevel, "silent">) => {
    if (LOG_LEVELS.indexOf(at) > threshold) return () => {};
    return (message: string, fields?: Record<string, unknown>) => {
      process.stderr.write(`${JSON.stringify({ level: at, message, ...fields }, plainErrors)}\n`);
    };
  };
  return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
}

function plainErrors(_key: string, value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? String(value);
  return typeof value === "bigint" ? String(value) : value;
}
