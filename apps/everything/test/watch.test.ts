import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { connect, startApp } from "./support/app";

it("file.changed tells what happens below the watched directory", async () => {
  const directory = await mkdtemp(join(tmpdir(), "everything-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "before.txt"), "was there");
  const { url } = await startApp({ watch: directory });
  const stream = await (await connect(url)).stream({ name: "file.changed" });
  await stream.next("active");

  const next = async () => (await stream.events(1))[0].data;
  await writeFile(join(directory, "a.txt"), "one");
  expect(await next()).toMatchObject({ path: "a.txt", kind: "created", size: 3 });
  await writeFile(join(directory, "a.txt"), "three");
  expect(await next()).toMatchObject({ path: "a.txt", kind: "changed", size: 5 });
  await mkdir(join(directory, "sub"));
  await writeFile(join(directory, "sub", "b.txt"), "");
  expect(await next()).toMatchObject({ path: "sub/b.txt", kind: "created", size: 0 });
  await rm(join(directory, "a.txt"));
  expect(await next()).toEqual({ path: "a.txt", kind: "removed" });
});
