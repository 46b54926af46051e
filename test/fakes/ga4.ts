import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface Ga4Event {
  readonly client: string;
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly timestamp_micros?: number;
}

export interface Ga4State {
  /** What reached the property; the others were dropped, and nobody was told. */
  readonly events: Ga4Event[];
}

const reserved = new Set(["ad_click", "first_open", "session_start"]);

/** GA4's Measurement Protocol for the stream G-TEST1: always 204, whatever it keeps; and its validation server. */
export function startFakeGa4(secret: string): Promise<Fake<Ga4State>> {
  const state: Ga4State = { events: [] };
  return startFake(state, (request, url) => {
    const { pathname, searchParams } = new URL(request.path, url);
    const faults = faultsOf(request);
    if (pathname === "/debug/mp/collect") return { status: 200, body: { validationMessages: faults } };
    if (pathname !== "/mp/collect" || request.method !== "POST") return { status: 404 };
    const known = searchParams.get("measurement_id") === "G-TEST1" && searchParams.get("api_secret") === secret;
    return known && faults.length === 0 ? keep(state, request) : { status: 204 };
  });
}

function keep(state: Ga4State, { body }: FakeRequest): FakeAnswer {
  for (const { name, params, timestamp_micros } of body.events)
    state.events.push({ client: body.client_id, name, params, ...(timestamp_micros && { timestamp_micros }) });
  return { status: 204 };
}

interface Fault {
  readonly fieldPath: string;
  readonly description: string;
  readonly validationCode: string;
}
const fault = (fieldPath: string, validationCode: string, description: string): Fault => ({
  fieldPath,
  description,
  validationCode,
});

function faultsOf({ body, text }: FakeRequest): readonly Fault[] {
  const events = body?.events;
  if (!Array.isArray(events) || events.length > 25 || text.length > 130_000)
    return [fault("events", "EXCEEDED_MAX_ENTITIES", "Too much in a request.")];
  if (typeof body.client_id !== "string") return [fault("client_id", "VALUE_REQUIRED", "client_id is required.")];
  return events.flatMap(({ name, params }, index) => {
    if (!/^[A-Za-z]\w{0,39}$/.test(name))
      return [fault("events", "NAME_INVALID", `Event at index: [${index}] has invalid name [${name}].`)];
    if (reserved.has(name))
      return [fault("events", "NAME_RESERVED", `Event at index: [${index}] has a reserved name.`)];
    return Object.keys(params ?? {}).length > 25
      ? [fault("events.params", "EXCEEDED_MAX_ENTITIES", "Too many parameters.")]
      : [];
  });
}
