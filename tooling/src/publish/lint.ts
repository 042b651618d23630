import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root } from "../workspace";
import type { Packed } from "./pack";
import { run } from "./run";

/** What `publint --strict` says of a tarball. */
export async function publintProblems({ tarball, manifest }: Packed): Promise<string[]> {
  const bytes = await readFile(tarball);
  const tarballBytes = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages } = await publint({ pack: { tarball: tarballBytes as ArrayBuffer }, strict: true });
  return messages.map(
    (message) => `publint: ${formatMessage(message, manifest, { color: false }) ?? message.code}`,
  );
}

/** The part of attw's JSON that is read here. */
interface AttwReport {
  analysis: {
    types: { kind: string } | false;
    entrypoints?: Record<
      string,
      { resolutions: Record<string, { resolution?: { isTypeScript: boolean; isJson: boolean } }> }
    >;
  };
  problems?: Record<string, unknown[]>;
}

const IGNORED_RESOLUTIONS = ["node10", "node16-cjs"];

/** What `attw --profile esm-only` says of a tarball. It exits 0 when types are missing, so its report is read. */
export async function attwProblems({ tarball }: Packed): Promise<string[]> {
  const attw = join(root, "tooling/node_modules/.bin/attw");
  const ended = await run(attw, [tarball, "--profile", "esm-only", "--format", "json"], dirname(tarball));
  const report = parseReport(ended.stdout);
  if (report === undefined) return [`attw printed no report: ${ended.stdout}${ended.stderr}`];
  const { analysis } = report;
  if (analysis.types === false || analysis.types.kind !== "included")
    return ["attw: the types are not included"];
  const untyped = Object.entries(analysis.entrypoints ?? {}).flatMap(([entry, { resolutions }]) =>
    Object.entries(resolutions)
      .filter(([kind]) => !IGNORED_RESOLUTIONS.includes(kind))
      .filter(
        ([, { resolution }]) => resolution === undefined || !(resolution.isTypeScript || resolution.isJson),
      )
      .map(([kind]) => `attw: ${entry} has no types under ${kind}`),
  );
  if (untyped.length > 0 || ended.code === 0) return untyped;
  return [`attw: ${JSON.stringify(report.problems)}`];
}

function parseReport(text: string): AttwReport | undefined {
  try {
    return JSON.parse(text) as AttwReport;
  } catch {
    return undefined;
  }
}
