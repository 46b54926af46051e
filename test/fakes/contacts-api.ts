import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface ContactsState {
  /** Record id -> record. */
  readonly contacts: Map<string, Record<string, unknown>>;
  /** E-mails that are refused. */
  readonly refuse: Set<string>;
  next: number;
}

const refusal = { error: { code: "blocked", message: "the address is blocked" } };

/**
 * An API as many tools have: contacts one by one with ids of their own, searched by e-mail, or many at a time with a result
 * for each, matched by the shop's number.
 */
export function startContactsApi(token: string): Promise<Fake<ContactsState>> {
  const state: ContactsState = { contacts: new Map(), refuse: new Set(), next: 1 };
  return startFake(state, (request) => {
    if (request.headers["authorization"] !== `Bearer ${token}`) return { status: 401, body: {} };
    const { pathname, searchParams } = new URL(request.path, "http://fake");
    if (pathname === "/v1/contacts" && request.method === "GET") {
      const found = [...state.contacts].filter(([, { shop }]) => String(shop) === searchParams.get("shop"));
      return { status: 200, body: { data: found.map(([id]) => ({ id })) } };
    }
    return pathname === "/v1/bulk" ? bulk(state, request) : single(state, pathname, request);
  });
}

function single(state: ContactsState, pathname: string, { method, body }: FakeRequest): FakeAnswer {
  if (state.refuse.has(body?.email)) return { status: 422, body: refusal };
  if (pathname === "/v1/contacts") {
    // No two of one shop number: whoever made it twice would see both.
    const id = `c${state.next++}`;
    state.contacts.set(id, body);
    return { status: 201, body: { data: { id } } };
  }
  const id = decodeURIComponent(pathname.replace("/v1/contacts/", ""));
  if (!state.contacts.has(id))
    return { status: 404, body: { error: { code: "not_found", message: "no such contact" } } };
  if (method === "DELETE") state.contacts.delete(id);
  else state.contacts.set(id, body);
  return { status: method === "DELETE" ? 204 : 200, body: { data: { id } } };
}

function bulk(state: ContactsState, { method, body }: FakeRequest): FakeAnswer {
  const results = body.contacts.map((contact: Record<string, unknown>) => {
    if (state.refuse.has(String(contact["email"]))) return { status: "failed", ...refusal.error };
    const id = `s${String(contact["shop"])}`;
    if (method === "DELETE") state.contacts.delete(id);
    else state.contacts.set(id, contact);
    return { status: "done", id };
  });
  return { status: 200, body: { results } };
}
