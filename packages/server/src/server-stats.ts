import type { LogPosition, LogSize } from "@mcp-events/ordering";
import type { Engine } from "./engine";
import type { ServerStats } from "./types";
import type { ServerLog } from "./wire/server-log";

const lastKnown = new WeakMap<ServerLog, LogPosition & LogSize>();

/** Figures of this moment. */
export function serverStats(engine: Engine): ServerStats {
  return {
    subscriptions: {
      poll: engine.leases.size,
      push: engine.streams.size,
      webhook: engine.webhooks?.size ?? 0,
    },
    readers: engine.views.readers,
    timers: engine.clock.pending,
    views: engine.views.size,
    logs: engine.logs.map(logStats),
    upstreamPollers: engine.upstreams.polling,
    attached: engine.hosts.size,
  };
}

function logStats(log: ServerLog): ServerStats["logs"][number] {
  const position = log.opened?.head();
  const size = log.opened?.size();
  if (position instanceof Promise || size instanceof Promise) {
    Promise.all([position, size]).then(
      ([head, held]) => head !== undefined && held !== undefined && lastKnown.set(log, { ...head, ...held }),
      () => {},
    );
  } else if (position !== undefined && size !== undefined) {
    lastKnown.set(log, { ...position, ...size });
  }
  const { epoch, seq, entries, bytes } = lastKnown.get(log) ?? { epoch: 0, seq: 0, entries: 0, bytes: 0 };
  return { name: log.name, epoch, head: seq, entries, bytes };
}
