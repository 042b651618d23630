import { readFileSync } from "node:fs";
import { uptime } from "node:os";

const MINUTE_MS = 60_000;

/** Which start of the machine this is: what the operating system had not written yet is gone with the one before. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return `started at minute ${Math.round((Date.now() - uptime() * 1000) / MINUTE_MS)}`;
  }
}
