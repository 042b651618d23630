import {
  activeSchema,
  deliveryStatusSchema,
  descriptorSchema,
  envelopeSchema,
  heartbeatSchema,
  listParamsSchema,
  listResultSchema,
  occurrenceSchema,
  orderingDescriptorSchema,
  orderingMarkSchema,
  orderingPositionSchema,
  pollParamsSchema,
  pollResultSchema,
  resequenceOfferSchema,
  streamErrorSchema,
  streamParamsSchema,
  streamResultSchema,
  subscribeParamsSchema,
  subscribeResultSchema,
  unsubscribeParamsSchema,
} from "@mcp-events/protocol";
import type * as z from "zod";

/** One specification's messages: the name it gives to each schema of `packages/protocol`. */
export interface SpecificationDocument {
  /** File name without an ending, below `docs/specification/schema`. */
  readonly file: string;
  readonly title: string;
  readonly schemas: Readonly<Record<string, z.ZodType>>;
}

/** The specifications whose schemas are generated. */
export const SPECIFICATIONS: readonly SpecificationDocument[] = [
  {
    file: "ordering",
    title: "Ordering extension of MCP Events (dev.mcp-events/ordering), version 1",
    schemas: {
      OrderingMark: orderingMarkSchema,
      OrderingPosition: orderingPositionSchema,
      OrderingDescriptor: orderingDescriptorSchema,
      ResequenceOffer: resequenceOfferSchema,
    },
  },
  {
    file: "events",
    title: "MCP Events (io.modelcontextprotocol/events), as read by this implementation",
    schemas: {
      ListParams: listParamsSchema,
      ListResult: listResultSchema,
      EventDescriptor: descriptorSchema,
      Occurrence: occurrenceSchema,
      PollParams: pollParamsSchema,
      PollResult: pollResultSchema,
      StreamParams: streamParamsSchema,
      StreamResult: streamResultSchema,
      Active: activeSchema,
      Heartbeat: heartbeatSchema,
      StreamError: streamErrorSchema,
      SubscribeParams: subscribeParamsSchema,
      SubscribeResult: subscribeResultSchema,
      UnsubscribeParams: unsubscribeParamsSchema,
      DeliveryStatus: deliveryStatusSchema,
      ControlEnvelope: envelopeSchema,
    },
  },
];
