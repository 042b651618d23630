/** Every kind of fault that the storm injects. */
export const FAULT_KINDS = [
  "request lost",
  "answer lost",
  "request delayed",
  "request timed out",
  "partition",
  "stream cut",
  "stream silent",
  "stream stalled",
  "pipe cut",
  "pipe stalled",
  "post lost",
  "post duplicated",
  "post delayed",
  "post overtook another",
  "post arrived after its time limit",
  "post answer lost",
  "receiver answered 503",
  "receiver answered 500",
  "receiver answered 413",
  "server crashed, log in memory",
  "server crashed, log kept",
  "owner handed over",
  "client crashed, positions kept",
  "client crashed, positions lost",
  "client crashed while it stored a position",
  "position not stored",
  "append failed",
  "append outcome unknown",
  "place not stored",
  "dead letter not stored",
  "retention took events",
  "server clock jumped",
  "client clock jumped",
  "match slow",
  "match failed",
  "event given up",
  "handler failed",
  "secret rotated",
  "mode switched",
] as const;

/** A kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How often each kind was injected. */
export type Coverage = Partial<Record<FaultKind, number>>;

/** Adds what one run injected. */
export function addCoverage(total: Coverage, one: Coverage): void {
  for (const [kind, count] of Object.entries(one)) {
    total[kind as FaultKind] = (total[kind as FaultKind] ?? 0) + count;
  }
}
