/** Invented companies, contacts and logins of a small software seller, as CSV; the same day gives the same rows. */
import { sequence } from "./sequence.ts";

export interface SampleCompanies {
  readonly companies: string;
  readonly contacts: string;
  readonly logins: string;
}

const words = ["North", "Blue", "River", "Stone", "Clear", "High", "Green", "Silver", "Open", "First"];
const trades = ["wind", "works", "labs", "field", "point", "line"];
const firstNames = ["Ada", "Bruno", "Chloe", "Dario", "Elif", "Femke", "Goran", "Hanna", "Ines", "Jonas"];
const roles = ["owner", "admin", "user", "user"];
const plans = ["trial", "trial", "team", "business"];
const dayMs = 86_400_000;

/** Sixty companies with one to five contacts each; trials end within 30 days around `today` (milliseconds since the epoch). */
export function sampleCompanies(today: number): SampleCompanies {
  const random = sequence(20_261_123);
  const day = (ahead: number): string => new Date(today + ahead * dayMs).toISOString().slice(0, 10);
  const companies = ["company_id,name,domain,plan,trial_ends_on"];
  const contacts = ["contact_id,company_id,first_name,email,role"];
  const logins = ["contact_id,at"];
  for (let id = 1; id <= 60; id++) {
    const name = `${words[id % words.length]}${trades[id % trades.length]}`;
    const domain = `${name.toLowerCase()}.example.com`;
    const plan = plans[random(plans.length)]!;
    companies.push(
      [
        id,
        name,
        id % 7 === 0 ? ` ${domain.toUpperCase()}` : domain,
        plan,
        plan === "trial" ? day(random(30) - 5) : "",
      ].join(","),
    );
    const people = 1 + random(5);
    for (let person = 0; person < people; person++) {
      const contact = contacts.length;
      const first = firstNames[random(firstNames.length)]!;
      const email = contact % 13 === 0 ? "" : `${first.toLowerCase()}.${contact}@${domain}`;
      contacts.push([contact, id, first, email, roles[random(roles.length)]].join(","));
      for (let login = random(5); login > 0; login--) logins.push(`${contact},${day(-1 - random(60))}T08:00:00Z`);
    }
  }
  const csv = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
  return { companies: csv(companies), contacts: csv(contacts), logins: csv(logins) };
}
