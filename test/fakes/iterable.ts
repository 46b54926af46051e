import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

interface Person {
  readonly email?: string;
  readonly userId?: string;
}
export interface IterableUser extends Person {
  readonly dataFields: Readonly<Record<string, unknown>>;
}

export interface IterableState {
  /** E-mail or user id -> user. */
  readonly users: Map<string, IterableUser>;
  readonly lists: Map<number, { readonly name: string; readonly listType: string; readonly members: Set<string> }>;
  /** By id. */
  readonly events: Map<string, Readonly<Record<string, unknown>>>;
  /** Whom a GDPR deletion keeps from coming back, and names of events that are not allowed. */
  readonly refuse: Set<string>;
  /** People whose channel was unsubscribed. */
  readonly unsubscribed: Set<string>;
}

interface Options {
  readonly key?: string;
  /** What the project knows people by. */
  readonly by?: "email" | "userId";
}

const coded = (status: number, code: string, msg: string): FakeAnswer => ({ status, body: { code, msg, params: {} } });

/** A project of Iterable: bulk calls of 1,000 that answer 200 with lists of those they did not take. */
export function startFakeIterable({ key, by = "email" }: Options = {}): Promise<Fake<IterableState>> {
  const state: IterableState = {
    users: new Map(),
    lists: new Map(),
    events: new Map(),
    refuse: new Set(),
    unsubscribed: new Set(),
  };
  return startFake(state, (request) => {
    if (key !== undefined && request.headers["api-key"] !== key) return coded(401, "BadApiKey", "Invalid API key");
    const [, , resource, call = "", id = ""] = request.path.split("/").map(decodeURIComponent);
    if (resource === "users" && call === "bulkUpdate")
      return each(state, by, request.body.users, (user, one) => upsert(state, user, one as IterableUser));
    if (resource === "users") return userCall(state, call === "byUserId" ? id : call, request);
    if (resource === "events") return trackBulk(state, by, request);
    return resource === "lists" ? listCall(state, by, call, request) : coded(404, "NotFound", "no such path");
  });
}

/** Takes each person by what the project knows them by, and answers as all bulk calls do. */
function each(
  state: IterableState,
  by: "email" | "userId",
  people: readonly Person[],
  take: (user: string, one: Person) => boolean | void,
): FakeAnswer {
  if (people.length > 1000) return coded(400, "BadParams", "at most 1000");
  const lists: Record<string, string[]> = { invalid: [], notFound: [], forgotten: [] };
  for (const one of people) {
    const user = one[by];
    if (user === undefined || user === "") lists["invalid"]?.push(one.email ?? one.userId ?? "");
    else if (state.refuse.has(user)) lists["forgotten"]?.push(user);
    else if (take(user, one) === false) lists["notFound"]?.push(user);
  }
  const kind = by === "email" ? "Emails" : "UserIds";
  const failedUpdates = Object.fromEntries(Object.entries(lists).map(([name, who]) => [name + kind, who]));
  const failCount = Object.values(lists).flat().length;
  const successCount = people.length - failCount;
  return { status: 200, body: { successCount, failCount, invalidEmails: [], invalidUserIds: [], failedUpdates } };
}

function upsert({ users }: IterableState, user: string, { email, userId, dataFields }: IterableUser): void {
  const fields = Object.entries({ ...users.get(user)?.dataFields, ...dataFields }).filter(
    ([, value]) => value !== null,
  );
  const known = { ...(email === undefined ? {} : { email }), ...(userId === undefined ? {} : { userId }) };
  users.set(user, { ...known, dataFields: Object.fromEntries(fields) });
}

function userCall({ users }: IterableState, user: string, { method }: FakeRequest): FakeAnswer {
  const there = users.get(user);
  if (method === "GET") return { status: 200, body: there === undefined ? {} : { user: there } };
  if (user === "") return coded(500, "EverybodyGone", "a delete without a user");
  return users.delete(user) ? coded(200, "Success", "deleted") : coded(404, "NotFound", "User not found");
}

function trackBulk(state: IterableState, by: "email" | "userId", { body }: FakeRequest): FakeAnswer {
  const events = body.events as readonly (Person & { readonly id: string; readonly eventName: string })[];
  const answer = each(state, by, events, (_user, one) => {
    const event = one as (typeof events)[number];
    if (!state.refuse.has(event.eventName)) state.events.set(event.id, { ...event });
  });
  const names = events.map(({ eventName }) => eventName).filter((name) => state.refuse.has(name));
  return { ...answer, body: { ...(answer.body as object), disallowedEventNames: [...new Set(names)] } };
}

function listCall(
  state: IterableState,
  by: "email" | "userId",
  call: string,
  { method, body }: FakeRequest,
): FakeAnswer {
  if (call === "" && method === "GET")
    return {
      status: 200,
      body: { lists: [...state.lists].map(([id, { name, listType }]) => ({ id, name, listType })) },
    };
  if (call === "") {
    const listId = state.lists.size + 1;
    state.lists.set(listId, { name: body.name, listType: "Standard", members: new Set() });
    return { status: 200, body: { listId } };
  }
  const list = state.lists.get(body.listId);
  if (list === undefined) return coded(400, "BadParams", "no list of this id");
  return each(state, by, body.subscribers, (user, one) => {
    if (call === "subscribe") {
      upsert(state, user, one as IterableUser);
      list.members.add(user);
      return true;
    }
    // What the server does when it is not told otherwise (facts B4).
    if (body.channelUnsubscribe !== false) state.unsubscribed.add(user);
    return list.members.delete(user);
  });
}
