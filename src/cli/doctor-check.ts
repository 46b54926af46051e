/** One line of doctor. */
import type { z } from "zod";
import { failure, MillraceError } from "../errors.ts";
import type { doctorSchema } from "./schemas/world.ts";

export type DoctorDocument = z.output<typeof doctorSchema>;
export type Check = DoctorDocument["checks"][number];

export function check(name: string, status: Check["status"], message: string, hint?: string): Check {
  return { name, status, message, hint: hint ?? null };
}

/** A failure a user can mend is the check's finding; anything else is a bug and goes on. */
export async function told(name: string, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const first = error.diagnostics[0] ?? failure("E070", error.message).diagnostics[0]!;
    return check(name, "failed", `${first.code}: ${first.message}`, first.hint);
  }
}
