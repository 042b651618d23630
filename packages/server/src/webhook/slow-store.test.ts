import { describe } from "vitest";
import { slowStores } from "../testing/slow-store";

slowStores();

/** Every test of webhooks once more, over a store whose every call is carried out, and answered, turns later. */
describe("over a store that answers later", async () => {
  await import("./abandoned.test");
  await import("./deliver.test");
  await import("./delivery.property.test");
  await import("./flush.test");
  await import("./give-up.test");
  await import("./lifecycle.test");
  await import("./refresh.test");
  await import("./replicas.test");
  await import("./restore.test");
  await import("./retries.test");
  await import("./subscribe.test");
  await import("./termination.test");
});
