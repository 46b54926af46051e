import { type Fake, startFake } from "./server.ts";

export interface SlackState {
  readonly messages: { readonly channel: string; readonly text: string }[];
}

/** chat.postMessage for one token, and an incoming webhook at a secret path; a channel named `#gone` is not there. */
export function startFakeSlack(account: { readonly token: string; readonly path: string }): Promise<Fake<SlackState>> {
  const state: SlackState = { messages: [] };
  return startFake(state, ({ path, headers, body }) => {
    if (path === account.path) {
      state.messages.push({ channel: "webhook", text: body.text });
      return { status: 200, headers: { "content-type": "text/html" }, body: "ok" };
    }
    const refused = (error: string) => ({ status: 200, body: { ok: false, error } });
    if (headers["authorization"] !== `Bearer ${account.token}`) return refused("invalid_auth");
    if (path === "/api/auth.test") return { status: 200, body: { ok: true } };
    if (path !== "/api/chat.postMessage") return { status: 404, body: {} };
    if (body.channel === "#gone") return refused("channel_not_found");
    state.messages.push({ channel: body.channel, text: body.text });
    return { status: 200, body: { ok: true, ts: `${state.messages.length}.0` } };
  });
}
