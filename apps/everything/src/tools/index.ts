import { restore, revoke } from "./access";
import { CONFORMANCE_CONTROLS } from "./conformance-controls";
import { emit } from "./emit";
import { failUpstream, truncate } from "./faults";
import { addType, changeType, removeType } from "./lifecycle";
import { stats } from "./stats";
import type { FixtureTool } from "./tool";
import { deadLetters, resume, suspend, webhooks } from "./webhooks";

const TOOLS: readonly FixtureTool[] = [
  emit,
  revoke,
  restore,
  removeType,
  addType,
  changeType,
  failUpstream,
  truncate,
  webhooks,
  deadLetters,
  suspend,
  resume,
  stats,
];

/** The tools the fixture offers. */
export function fixtureTools(options: { readonly conformanceControls: boolean }): readonly FixtureTool[] {
  return options.conformanceControls ? [...TOOLS, ...CONFORMANCE_CONTROLS] : TOOLS;
}
