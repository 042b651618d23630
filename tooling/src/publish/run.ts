import { execFile } from "node:child_process";

/** How a command ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command without a shell and without stdin; never rejects. A command that hangs is killed after `timeoutMs`. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  timeoutMs = 600_000,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, timeout: timeoutMs, maxBuffer: 2 ** 28, killSignal: "SIGKILL" as const };
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      const killed = error?.killed === true ? `\nkilled after ${timeoutMs} ms` : "";
      resolve({ code, stdout, stderr: (stderr === "" ? (error?.message ?? "") : stderr) + killed });
    });
    child.stdin?.end();
  });
}

/** Runs a command that has to succeed. */
export async function runOrThrow(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} exited with ${code}\n${stdout}\n${stderr}`);
}
