/** Attributes of contacts and companies: Intercom's own, and those the workspace added. */
import type { Change, Field, Json } from "millrace/destination";
import { anyValue, number, timestamp } from "millrace/destination";

/** Intercom's own attributes of an object. */
export type Attributes = Readonly<Record<string, Field>>;

/** Numbers without a fraction. */
export const whole = number({ integer: true });

const time = timestamp();

/** Times, which Intercom has as seconds since the epoch. */
export const seconds: Field = {
  describe: "Time; travels as seconds since the epoch",
  encode(value) {
    const found = time.encode(value);
    return "reject" in found || value === null ? found : { value: Math.floor(Date.parse(String(found.value)) / 1000) };
  },
};

/** All other attributes are custom ones. */
export const customAttribute = anyValue({ describe: "Custom attribute of the workspace, by its name" });

/** A contact or company as it is sent: `own` attributes by their names, all others as custom attributes. */
export function bodyOf(own: Attributes, { identifiers, fields }: Change): Readonly<Record<string, Json>> {
  const body: Record<string, Json> = { ...identifiers };
  const custom: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) (Object.hasOwn(own, name) ? body : custom)[name] = value;
  return Object.keys(custom).length === 0 ? body : { ...body, custom_attributes: custom };
}
