import { fileChanged } from "./file-changed";
import type { FixtureType } from "./fixture-type";
import { noteCreated } from "./note-created";
import { hookonlyPinged, noreplayPinged, pollonlyPinged, pushonlyPinged } from "./pinged";
import { secretCreated } from "./secret-created";
import { slowCreated } from "./slow-created";
import { tickerTick } from "./ticker-tick";

/**
 * All event types, in the order of `events/list`. The one that fires by itself comes first: a generic client that tries
 * the first type it finds gets events.
 */
export const FIXTURE_TYPES: readonly FixtureType[] = [
  tickerTick,
  noteCreated,
  fileChanged,
  secretCreated,
  noreplayPinged,
  pollonlyPinged,
  pushonlyPinged,
  hookonlyPinged,
  slowCreated,
];
