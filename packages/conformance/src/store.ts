export { describeStore } from "./store/describe-store";
export type { Reopened, StoreBounds, StoreUnderTest } from "./store/under-test";
export type { SuiteOptions, SuiteReport } from "./suite/register-cases";
