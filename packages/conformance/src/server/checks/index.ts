import { authorizationChecks } from "./authorization";
import { capabilityChecks } from "./capabilities";
import { cursorChecks } from "./cursors";
import { deliveryChecks } from "./delivery";
import { endingChecks } from "./ending";
import { listChecks } from "./list";
import { occurrenceChecks } from "./occurrence";
import { orderingChecks } from "./ordering";
import { pollChecks } from "./poll";
import { pushChecks } from "./push";
import type { ServerCheck } from "./server-check";
import { subscribeChecks } from "./subscribe";

/** Every check of a server, in the order in which they run; those that end subscriptions last. */
export const SERVER_CHECKS: readonly ServerCheck[] = [
  ...capabilityChecks,
  ...listChecks,
  ...occurrenceChecks,
  ...cursorChecks,
  ...pollChecks,
  ...pushChecks,
  ...subscribeChecks,
  ...deliveryChecks,
  ...orderingChecks,
  ...endingChecks,
  ...authorizationChecks,
];
