import { BLUNDERS } from "./blunders";
import { CONSUMER_RULES } from "./consumer-rules";
import type { Control } from "./control";
import { PRODUCER_RULES } from "./producer-rules";

/** Every negative control: the storm has to catch each. */
export const CONTROLS: readonly Control[] = [...BLUNDERS, ...PRODUCER_RULES, ...CONSUMER_RULES];

/** A control by its name. */
export function controlNamed(name: string): Control | undefined {
  return CONTROLS.find((one) => one.name === name);
}
