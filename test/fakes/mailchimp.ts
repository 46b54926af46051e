import { createHash } from "node:crypto";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface Member {
  readonly email: string;
  /** `archived` too. */
  readonly status: string;
  readonly merge_fields: Readonly<Record<string, unknown>>;
}

export interface MailchimpState {
  /** Subscriber hash -> member of the audience L1. */
  readonly members: Map<string, Member>;
  readonly segments: Map<string, { readonly name: string; readonly type: string; readonly emails: Set<string> }>;
  /** Addresses that are refused as fake, as Mailchimp does with some domains. */
  readonly refuse: Set<string>;
  next: number;
}

interface Sent {
  readonly email_address: string;
  readonly status?: string;
  readonly status_if_new?: string;
  readonly merge_fields?: Readonly<Record<string, unknown>>;
}

export const hashOf = (email: string): string => createHash("md5").update(email.toLowerCase()).digest("hex");
const problem = (status: number, title: string, detail: string): FakeAnswer => ({
  status,
  body: { type: "https://mailchimp.com/developer/marketing/docs/errors/", title, status, detail, instance: "fake" },
});
const notFound = problem(404, "Resource Not Found", "The requested resource could not be found.");
const fakeAddress = (email: string): string => `${email} looks fake or invalid, please enter a real email address.`;

/** The audience L1 of Mailchimp: batches of 500 with errors by address, members by hash, static segments. */
export function startFakeMailchimp(options: { readonly key?: string } = {}): Promise<Fake<MailchimpState>> {
  const state: MailchimpState = { members: new Map(), segments: new Map(), refuse: new Set(), next: 1 };
  const basic = `Basic ${Buffer.from(`millrace:${options.key}`).toString("base64")}`;
  return startFake(state, (request) => {
    if (options.key !== undefined && request.headers["authorization"] !== basic)
      return problem(401, "API Key Invalid", "Your API key may be invalid, or you've attempted the wrong datacenter.");
    const { pathname, searchParams } = new URL(request.path, "http://fake");
    const [, version, lists, list, resource, id = ""] = pathname.split("/");
    if (version !== "3.0" || lists !== "lists" || list !== "L1") return notFound;
    if (resource === undefined)
      return request.method === "GET" ? { status: 200, body: { id: list } } : batch(state, request);
    if (resource === "members") return memberCall(state, id, request);
    return resource === "segments" ? segmentCall(state, id, request, Number(searchParams.get("offset"))) : notFound;
  });
}

function batch(state: MailchimpState, { body, text }: FakeRequest): FakeAnswer {
  const sent = body.members as readonly Sent[];
  if (sent.length > 500 || text.length > 10_000_000) return problem(400, "Invalid Resource", "At most 500 members.");
  const new_members: object[] = [];
  const updated_members: object[] = [];
  const errors: object[] = [];
  for (const one of sent) {
    const { email_address, status } = one;
    const there = state.members.get(hashOf(email_address));
    const error = (error_code: string, words: string) => errors.push({ email_address, error: words, error_code });
    if (state.refuse.has(email_address)) error("ERROR_GENERIC", fakeAddress(email_address));
    else if (there === undefined || there.status === "archived")
      new_members.push(keep(state, one, undefined, status ?? ""));
    else if (body.update_existing !== true) error("ERROR_CONTACT_EXISTS", `${email_address} is already a list member.`);
    else updated_members.push(keep(state, one, there, status ?? there.status));
  }
  const totals = { total_created: new_members.length, total_updated: updated_members.length };
  return { status: 200, body: { new_members, updated_members, errors, ...totals, error_count: errors.length } };
}

/** Writes a member, whose merge fields are laid over those there are. */
function keep({ members }: MailchimpState, sent: Sent, there: Member | undefined, status: string): object {
  const fields = Object.entries({ ...there?.merge_fields, ...sent.merge_fields }).filter(([, value]) => value !== "");
  const id = hashOf(sent.email_address);
  if (there !== undefined) members.delete(hashOf(there.email));
  members.set(id, { email: sent.email_address, status, merge_fields: Object.fromEntries(fields) });
  return { id, email_address: sent.email_address, status };
}

function memberCall(state: MailchimpState, hash: string, { method, body }: FakeRequest): FakeAnswer {
  const there = state.members.get(hash);
  if (method === "PUT" || (method === "PATCH" && there !== undefined)) {
    if (state.refuse.has(body.email_address)) return problem(400, "Invalid Resource", fakeAddress(body.email_address));
    return { status: 200, body: keep(state, body, there, body.status ?? there?.status ?? body.status_if_new) };
  }
  if (there === undefined) return notFound;
  if (method === "GET") return { status: 200, body: { id: hash, email_address: there.email, status: there.status } };
  if (there.status === "archived") return problem(405, "Method Not Allowed", "This list member cannot be removed.");
  state.members.set(hash, { ...there, status: "archived" });
  return { status: 204 };
}

function segmentCall(state: MailchimpState, id: string, { method, body }: FakeRequest, offset: number): FakeAnswer {
  const segment = state.segments.get(id);
  if (id === "" && method === "GET") {
    const all = [...state.segments].map(([key, { name, type }]) => ({ id: Number(key), name, type }));
    return { status: 200, body: { segments: all.slice(offset, offset + 1000), total_items: all.length } };
  }
  if (id === "") {
    const made = String(state.next++);
    state.segments.set(made, { name: body.name, type: "static", emails: new Set() });
    return { status: 200, body: { id: Number(made), name: body.name, type: "static" } };
  }
  if (segment === undefined) return notFound;
  if (method === "GET") return { status: 200, body: { id: Number(id), member_count: segment.emails.size } };
  const { members_to_add: adds = [], members_to_remove: removes = [] } = body as Record<string, readonly string[]>;
  if (adds.length > 500 || removes.length > 500) return problem(400, "Invalid Resource", "At most 500 members.");
  const listed = adds.filter((email) => state.members.has(hashOf(email)) && !segment.emails.has(email));
  const left = removes.filter((email) => segment.emails.delete(email));
  for (const email of listed) segment.emails.add(email);
  const named = (emails: readonly string[]) => emails.map((email_address) => ({ email_address }));
  const ignored = removes.filter((email) => !left.includes(email));
  const errors =
    ignored.length === 0 ? [] : [{ email_addresses: ignored, error: "Email addresses not found in segment" }];
  return { status: 200, body: { members_added: named(listed), members_removed: named(left), errors } };
}
