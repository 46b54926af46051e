import { type FakeOauth, fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface MicrosoftList {
  readonly Id: string;
  readonly Name: string;
  readonly Description: string | null;
  /** `Email:<hash>`, `CRM:<id>`. */
  readonly members: Set<string>;
}

export interface MicrosoftState {
  readonly oauth: FakeOauth;
  readonly lists: MicrosoftList[];
  /** Items that are refused alone. */
  readonly refuse: Set<string>;
  /** Were the Customer Match terms accepted by hand? */
  terms: boolean;
  /** Items a request may hold. */
  most: number;
}

/** A fault, as it comes: no status inside, and HTTP's is whatever it is. */
export const microsoftFault = (status: number, Code: number, ErrorCode: string): FakeAnswer => ({
  status,
  body: {
    OperationErrors: [{ Code, ErrorCode, Details: null, Message: "The request failed." }],
    TrackingId: "fake",
    Type: "ApiFaultDetail",
  },
});

/** Customer lists of Microsoft Advertising: made, asked for by type or id, filled one kind of item a request. */
export function startFakeMicrosoftAds(how: { readonly developerToken: string }): Promise<Fake<MicrosoftState>> {
  const state: MicrosoftState = {
    oauth: fakeOauth({ refresh_token: "refresh-of-the-lab" }),
    lists: [],
    refuse: new Set(),
    terms: true,
    most: 1000,
  };
  return startFake(state, (request) => {
    if (request.path === "/common/oauth2/v2.0/token") return state.oauth.token(request);
    // An expired token is no 401.
    if (!state.oauth.knows(request)) return microsoftFault(400, 109, "AuthenticationTokenExpired");
    const { developertoken, customerid, customeraccountid } = request.headers;
    if (developertoken !== how.developerToken || customerid !== "77")
      return microsoftFault(401, 106, "UserIsNotAuthorized");
    if (customeraccountid !== "88") return microsoftFault(400, 106, "UserIsNotAuthorized");
    switch (request.path) {
      case "/CampaignManagement/v13/Audiences/QueryByIds":
        return asked(state, request);
      case "/CampaignManagement/v13/Audiences":
        return made(state, request);
      case "/CampaignManagement/v13/CustomerListUserData/Apply":
        return applied(state, request);
      default:
        return { status: 404 };
    }
  });
}

function asked({ lists }: MicrosoftState, { body }: FakeRequest): FakeAnswer {
  if (body?.Type !== "CustomerList") return microsoftFault(400, 4000, "TypeIsMissing");
  const ids: readonly string[] | undefined = body.AudienceIds;
  const found = lists.filter(({ Id }) => ids?.includes(Id) ?? true);
  const Audiences = found.map(({ members, ...list }) => ({
    ...list,
    Type: "CustomerList",
    SearchSize: members.size,
    AudienceNetworkSize: 2 * members.size,
  }));
  return { status: 200, body: { Audiences, PartialErrors: [] } };
}

const noTerms = { Code: 8003, ErrorCode: "CustomerListTermsAndConditionsNotAccepted", Message: "Accept the terms." };

function made(state: MicrosoftState, { body }: FakeRequest): FakeAnswer {
  const { Name, Description, Type, Scope, ParentId } = body?.Audiences?.[0] ?? {};
  const refused = !state.terms
    ? noTerms
    : Type !== "CustomerList" || Scope !== "Account" || ParentId !== "88"
      ? { Code: 4100, ErrorCode: "AudienceIsNotValid", Message: "Not valid." }
      : null;
  if (refused !== null)
    return { status: 200, body: { AudienceIds: [null], PartialErrors: [{ Index: 0, ...refused }] } };
  const Id = String(5000 + state.lists.length);
  state.lists.push({ Id, Name, Description, members: new Set() });
  return { status: 200, body: { AudienceIds: [Id], PartialErrors: [] } };
}

function applied(state: MicrosoftState, { body }: FakeRequest): FakeAnswer {
  const data = body?.CustomerListUserData ?? {};
  const { ActionType: action, CustomerListItemSubType: type, CustomerListItems: items } = data;
  const list = state.lists.find(({ Id }) => Id === data.AudienceId);
  if (!(data.AcceptCustomerMatchTerm ?? state.terms)) return { ...microsoftFault(400, 8003, noTerms.ErrorCode) };
  if (list === undefined) return microsoftFault(400, 4111, "CampaignServiceInvalidAudienceId");
  if (!["Add", "Remove"].includes(action) || !["Email", "CRM"].includes(type) || items.length > state.most)
    return microsoftFault(400, 4001, "CustomerListUserDataInvalid");
  const errors = (items as readonly string[]).flatMap((item, Index) => {
    const isBad = state.refuse.has(item) || (type === "Email" && !/^[0-9a-f]{64}$/.test(item));
    return isBad ? [{ Index, Code: 8001, ErrorCode: "CustomerListItemInvalid", Message: `${item} is not valid` }] : [];
  });
  const bad = new Set(errors.map(({ Index }) => Index));
  for (const [index, item] of (items as readonly string[]).entries()) {
    if (bad.has(index)) continue;
    if (action === "Remove") list.members.delete(`${type}:${item}`);
    else list.members.add(`${type}:${item}`);
  }
  return { status: 200, body: { PartialErrors: errors } };
}
