/** What is said of a person, in a list as at an event. */
import type { Change } from "millrace/destination";
import { consentOf, customerMatch, matchAddress } from "millrace/destination";

/** Fields of a person beside the identifiers. */
export const person = { ...customerMatch.address, ...customerMatch.consent };

/** A status of consent as Google spells it. */
export const word = (status: string): string => `CONSENT_${status}`;

/** A person as Google takes one; without identifiers only the consent. */
export function personOf({ identifiers: { email, phone }, fields }: Change): object {
  const address = matchAddress(fields);
  const userIdentifiers = [
    ...(email === undefined ? [] : [{ emailAddress: email }]),
    ...(phone === undefined ? [] : [{ phoneNumber: phone }]),
    ...(address === undefined ? [] : [{ address }]),
  ];
  return { ...(userIdentifiers.length > 0 && { userData: { userIdentifiers } }), ...consentOf(fields, word) };
}
