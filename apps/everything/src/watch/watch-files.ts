import { watch } from "node:fs";
import type { EmitItem } from "@mcp-events/server";
import type { Fixture } from "../fixture";
import { changesBetween, type FileChange, takeSnapshot } from "./snapshot";

/** How long changes are gathered before the directory is looked at, in milliseconds. */
const SETTLE_MS = 50;

/** How often the directory is looked at anyway, should the system have missed a change, in milliseconds. */
const RESCAN_MS = 2_000;

const TYPE = "file.changed";

/** A watched directory. */
export interface FileWatcher {
  close(): Promise<void>;
}

/**
 * Emits `file.changed` for what happens below a directory. The system's notice only says when to look: what is emitted
 * is the difference between two looks, so that nothing is told twice.
 */
export async function watchFiles(directory: string, fixture: Fixture): Promise<FileWatcher> {
  let known = await takeSnapshot(directory);
  let looking = Promise.resolve();
  let pending: NodeJS.Timeout | undefined;
  let closed = false;

  const look = async () => {
    const found = await takeSnapshot(directory);
    const changes = changesBetween(known, found);
    known = found;
    if (changes.length > 0 && !closed) await report(fixture, changes);
  };
  const lookSoon = () => {
    pending ??= setTimeout(() => {
      pending = undefined;
      looking = looking.then(look).catch((error: unknown) => {
        fixture.logger.error("watching files failed", { directory, error });
      });
    }, SETTLE_MS).unref();
  };
  const watcher = watch(directory, { recursive: true, persistent: false }, lookSoon);
  watcher.on("error", (error) => fixture.logger.warn("file watcher", { directory, error: error.message }));
  const rescan = setInterval(lookSoon, RESCAN_MS).unref();

  return {
    async close() {
      closed = true;
      watcher.close();
      clearInterval(rescan);
      clearTimeout(pending);
      await looking;
    },
  };
}

async function report({ types, logger }: Fixture, changes: readonly FileChange[]): Promise<void> {
  const registered = types.list().some((type) => type.name === TYPE && type.registered);
  if (!registered)
    return logger.info("file.changed is removed; changes go untold", { changes: changes.length });
  await types.handle(TYPE).emitMany(changes.map(toEvent));
}

function toEvent({ path, kind, state }: FileChange): EmitItem {
  const data = kind === "removed" ? { path, kind } : { path, kind, size: state.size };
  return { data, eventId: `${kind}:${state.modifiedAt}:${path}` };
}
