import { parentPort, workerData } from "node:worker_threads";
import { controlNamed } from "./controls/index";
import { runBatch } from "./storm/batch";

/** A thread of the storm: runs the batches it is told of. */
const { control } = workerData as { control: string | undefined };
const port = parentPort!;

port.on("message", ({ from, count }: { from: number; count: number }) => {
  runBatch(from, count, control === undefined ? undefined : controlNamed(control)).then(
    (result) => port.postMessage(result),
    (error: unknown) => {
      throw error;
    },
  );
});
