/** What Customer.io knows a person by. */
import type { Change } from "millrace/destination";
import { email, exact } from "millrace/destination";

/** What a row can be known by. */
export const identifiers = { id: exact("Id in the workspace"), cio_id: exact("Customer.io's own id"), email: email() };
export type Kind = keyof typeof identifiers;

/** Exactly one of these may stand in a call (spec, identify_person), the surest first. */
export const kinds: readonly Kind[] = ["id", "cio_id", "email"];

/** The surest that a row has. */
export const kindOf = ({ identifiers: its }: Change): Kind => kinds.find((kind) => its[kind] !== undefined) ?? "id";

/** Its value. */
export const idOf = (change: Change): string => change.identifiers[kindOf(change)] ?? "";
