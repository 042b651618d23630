export {
  type Cases,
  type DescribeTransportOptions,
  describeTransport,
  type TransportReport,
} from "./transport/describe-transport";
export { type SharedHost, sharedHost } from "./transport/shared-host";
export type { TransportCase, TransportUnderTest } from "./transport/under-test";
