import type { Json } from "../core.ts";
import type { Field } from "./index.ts";

/**
 * A matching field that travels in its normal form, unhashed (country codes beside hashed names). A value without one counts
 * as NULL, as with `hashedField`: it could match nobody and must not cost the row.
 */
export function normalField(normalize: (raw: string) => string | null, how: Pick<Field, "describe">): Field {
  return {
    ...how,
    encode(value: Json) {
      if (value === null || typeof value === "object") return { value: null };
      const normal = normalize(String(value));
      return { value: normal === "" ? null : normal };
    },
  };
}
