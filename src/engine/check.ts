/** `millrace doctor`: the cheapest call that proves a destination's credentials. */
import type { Conversation } from "./converse.ts";
import { failure } from "../errors.ts";
import type { CheckResult, EngineOptions } from "./api.ts";
import { configOf, openAccount } from "./account.ts";

/** A sentence per finding. E020 for an unknown destination, E334 where a secret is not set. */
export async function checkDestination(
  options: EngineOptions & { readonly destination: string },
): Promise<readonly CheckResult[]> {
  const destination = options.project.destinations.get(options.destination);
  if (destination === undefined) {
    throw failure("E020", `no destination is called "${options.destination}"`, { exit: 64 });
  }
  if (destination.outbox) return [{ ok: true, message: "writes files in this environment; nothing real is called" }];
  const { check } = destination.definition;
  const account = openAccount(destination, { ...options, limits: {} });
  try {
    if (check === undefined) {
      return [
        {
          ok: true,
          message: `${destination.spec.type} has no check of its own: settings and secrets are there, nothing was called`,
        },
      ];
    }
    const ended = await account.line.converse(check({ config: configOf(destination) }), {
      once: false,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return findings(ended).map(({ ok, message }) => ({ ok, message: account.masker.mask(message) }));
  } finally {
    await account.close();
  }
}

function findings(ended: Conversation<readonly CheckResult[]>): readonly CheckResult[] {
  switch (ended.status) {
    case "answered":
      return ended.value;
    case "failed":
      return [{ ok: false, message: ended.hint === undefined ? ended.message : `${ended.message}: ${ended.hint}` }];
    case "unknown":
      return [{ ok: false, message: ended.message }];
    case "unsent":
      return [{ ok: false, message: ended.reason }];
    case "throttled":
      return [{ ok: false, message: "the destination asked us to slow down; try again later" }];
  }
}
