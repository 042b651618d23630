import * as z from "zod";
import { tool } from "./tool";

/** What the server holds at the moment. */
export const stats = tool({
  name: "stats",
  title: "Statistics",
  description: "What the server holds: subscriptions by mode, readers, timers, logs, HTTP sessions, memory.",
  input: z.strictObject({}),
  async run({ events, types, sessions, sdk }) {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      ...events.stats(),
      sessions: sessions(),
      sdk,
      types: types.list(),
      process: { pid: process.pid, uptimeMs: Math.round(process.uptime() * 1000), rss, heapUsed },
    };
  },
});
