import type { Ended } from "./run";

const ERROR = /^(?:(\S.*?)\(\d+,\d+\): )?error TS\d+:/;
const OWN = /node_modules\/@mcp-events\/[^/]+\/(?!.*node_modules\/)/;

/**
 * The compiler's errors, a line each, that an application or one of our packages is at fault for; all its output when it
 * failed without one. Errors within the declarations of other packages are left out: they are there without ours, too.
 */
export function compilerErrors({ code, stdout, stderr }: Ended): string[] {
  const errors = stdout.split("\n").filter((line) => ERROR.test(line));
  if (code !== 0 && errors.length === 0) return [`exited with ${code}`, stdout, stderr];
  return errors.filter((line) => isOurs(ERROR.exec(line)?.[1] ?? ""));
}

function isOurs(file: string): boolean {
  return !file.includes("node_modules/") || OWN.test(file);
}
