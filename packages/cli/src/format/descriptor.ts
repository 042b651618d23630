import { type EventDescriptor, orderingDescriptorSchema, readOrdering } from "@mcp-events/protocol";
import { safeText } from "./safe-text";
import { schemaLines } from "./schema";
import type { Styles } from "./styles";

/** What a type promises about order, in words. */
function orderText(descriptor: EventDescriptor): string {
  const ordering = readOrdering(descriptor._meta, orderingDescriptorSchema);
  if (ordering === undefined) return "as the server sends";
  const log = safeText(ordering.log);
  return ordering.guarantee === "key"
    ? `in log order for each ordering key (log ${log})`
    : `in log order (log ${log})`;
}

/** An event type for people, over several lines. */
export function descriptorText(descriptor: EventDescriptor, styles: Styles, payload: boolean): string {
  const { name, description, delivery, inputSchema, payloadSchema } = descriptor;
  const lines = [`${styles.name(safeText(name))}  ${delivery.join(", ") || "no mode known here"}`];
  if (description !== "") lines.push(`  ${safeText(description)}`);
  lines.push(`  order      ${orderText(descriptor)}`, ...block("arguments", schemaLines(inputSchema)));
  if (payload) lines.push(...block("data", schemaLines(payloadSchema)));
  return lines.join("\n");
}

function block(title: string, lines: readonly string[]): string[] {
  const shown = lines.length === 0 ? ["none named"] : lines;
  return shown.map((line, index) => `  ${(index === 0 ? title : "").padEnd(10)} ${line}`);
}
