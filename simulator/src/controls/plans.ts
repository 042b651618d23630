import { asPlainReceiversNeed, type ClientPlan, type Plan } from "../plan";

/** Receivers that know nothing of the contract, on a log that outlives the server. */
export function withPlainReceivers(plan: Plan): Plan {
  const [first] = plan.clients as [ClientPlan];
  const client: ClientPlan = {
    ...first,
    modes: ["webhook"],
    types: [0],
    resequence: undefined,
    isPlain: true,
  };
  return asPlainReceiversNeed({ ...plan, clients: [client] });
}

/** Receivers that know nothing of the contract, in lanes by key, and a server that crashes while it retries. */
export function withCrashingSender(plan: Plan): Plan {
  const plain = withPlainReceivers(plan);
  const at = Math.round((plan.durationMs * 2) / 3);
  const crash = { at, kind: "server crash", client: 0, ms: 50 } as const;
  const disasters = [...plain.disasters, crash].sort((a, b) => a.at - b.at);
  return { ...plain, byKey: true, maxAttempts: 50, rates: { ...plain.rates, answers500: 0.4 }, disasters };
}

/** A log in memory, and a server that crashes. */
export function withMemoryLog(plan: Plan): Plan {
  const at = Math.round(plan.durationMs / 2);
  const crash = { at, kind: "server crash", client: 0, ms: 50 } as const;
  const disasters = [...plan.disasters.filter(({ kind }) => kind !== "hand-over"), crash];
  const clients = plan.clients.map((one) => ({ ...one, isPlain: false }));
  return { ...plan, durable: false, clients, disasters: disasters.sort((a, b) => a.at - b.at) };
}

/** Clients by webhook alone. */
export function withWebhooksOnly(plan: Plan): Plan {
  const clients = plan.clients.map((one) => ({ ...one, modes: ["webhook"] as const, isPlain: false }));
  return { ...plan, clients };
}

/** Clients whose receivers put deliveries in order. */
export function withResequencing(plan: Plan): Plan {
  const webhooks = withWebhooksOnly(plan);
  const resequence = { window: 6, holdMs: 120 };
  return { ...webhooks, clients: webhooks.clients.map((one) => ({ ...one, resequence })) };
}

/** The same, where nothing can be asked for. */
export function withoutPoll(plan: Plan): Plan {
  return { ...withResequencing(plan), polls: false };
}

/** Retention strikes while nobody reads. */
export function withRetention(plan: Plan): Plan {
  const at = Math.round(plan.durationMs / 2);
  const away = plan.clients.map(
    (_, client) => ({ at: at - 300, kind: "client crash", client, ms: 900 }) as const,
  );
  const retention = { at: at + 400, kind: "retention", client: 0, ms: 0 } as const;
  const clients = plan.clients.map((one) => ({ ...one, keepsPositions: true, isPlain: false }));
  const disasters = [...plan.disasters, ...away, retention].sort((a, b) => a.at - b.at);
  return { ...plan, clients, disasters };
}

/** Order by key. */
export function withKeys(plan: Plan): Plan {
  const clients = plan.clients.map((one) => ({ ...one, types: [0], isPlain: false }));
  return { ...plan, byKey: true, clients };
}

/** Subscriptions that are merged. */
export function withMerge(plan: Plan): Plan {
  const clients = plan.clients.map((one) => ({ ...one, types: [0, 1, 2], isPlain: false }));
  return { ...plan, byKey: false, clients };
}
