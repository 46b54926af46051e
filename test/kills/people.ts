import { createHash } from "node:crypto";
import type { Random } from "../simulation/random.ts";

/** One customer of the tiny shop; phones are E.164 already, so that hashes can be computed without the tool. */
interface Person {
  readonly id: number;
  readonly email: string | null;
  readonly phone: string | null;
  readonly city: string;
  readonly spend: number;
}

/** What a webhook receiver must hold of one key. */
export interface HookRow {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

const cities = ["Lyon", "Lille", "Nantes", "Gent", "Köln"] as const;

/** Who is in the shop, how it changes from day to day, and what every platform ought to hold because of it. */
export class People {
  readonly #random: Random;
  readonly #byId = new Map<number, Person>();
  #next = 1;

  constructor(random: Random, size: number) {
    this.#random = random;
    for (let made = 0; made < size; made += 1) this.#add();
  }

  /** Adds, updates and removes a few people; sometimes many, now and then nobody. */
  change(): void {
    const { int, pick, chance } = this.#random;
    const most = chance(0.2) ? 120 : 30;
    for (let left = int(most); left > 0; left -= 1) {
      const ids = [...this.#byId.keys()];
      const kind = int(4);
      if (kind === 0) this.#add();
      else if (kind === 1 && ids.length > 100) this.#byId.delete(pick(ids));
      else this.#edit(pick(ids));
    }
  }

  csv(): string {
    const lines = [...this.#byId.values()].map(({ id, email, phone, city, spend }) =>
      [id, email ?? "", phone ?? "", city, spend].join(","),
    );
    return `customer_id,email,phone,city,spend\n${lines.join("\n")}\n`;
  }

  /** JSON of the key -> row: who spent 100 or more. */
  spenders(): ReadonlyMap<string, HookRow> {
    const wanted = [...this.#byId.values()].filter(({ spend }) => spend >= 100);
    return new Map(
      wanted.map(({ id, email, phone, city, spend }) => [
        String(id),
        {
          identifiers: { ...(email === null ? {} : { email }), ...(phone === null ? {} : { phone }) },
          fields: { city, spend },
        },
      ]),
    );
  }

  /** `EMAIL:<sha256>` and `PHONE:<sha256>` of everybody who spent 50 or more; people share some of them. */
  matched(): ReadonlySet<string> {
    const wanted = [...this.#byId.values()].filter(({ spend }) => spend >= 50);
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
    return new Set(
      wanted.flatMap(({ email, phone }) => [
        ...(email === null ? [] : [`EMAIL:${hash(email)}`]),
        ...(phone === null ? [] : [`PHONE:${hash(phone.slice(1))}`]),
      ]),
    );
  }

  #add(): void {
    const id = this.#next++;
    this.#byId.set(id, { id, ...this.#identifiers(id), city: this.#random.pick(cities), spend: this.#random.int(200) });
  }

  #edit(id: number): void {
    const person = this.#byId.get(id);
    if (person === undefined) return;
    const { pick, int, chance } = this.#random;
    if (chance(0.3)) this.#byId.set(id, { ...person, ...this.#identifiers(id) });
    else if (chance(0.5)) this.#byId.set(id, { ...person, city: pick(cities) });
    else this.#byId.set(id, { ...person, spend: int(200) });
  }

  /** One in six shares an e-mail or a phone with somebody else; a few have none, or neither. */
  #identifiers(id: number): Pick<Person, "email" | "phone"> {
    const { int, chance } = this.#random;
    const mail = chance(0.17) ? int(12) : id * 10 + int(5);
    const line = chance(0.17) ? int(12) : id * 10 + int(5);
    return {
      email: chance(0.1) ? null : `person${mail}@example.com`,
      phone: chance(0.2) ? null : `+3361${String(2_000_000 + line).padStart(7, "0")}`,
    };
  }
}
