export { type NatsStore, natsStore } from "./nats-store";
export { NATS_STORE_DEFAULTS, type NatsStoreOptions } from "./options";
export { type NatsPositions, natsPositions } from "./positions";
