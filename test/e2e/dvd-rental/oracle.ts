/** Who belongs where in the DVD shop at a moment, in plain TypeScript over the CSV files: nothing of millrace is used. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { Held } from "../support/webhook-receiver.ts";

type Row = Readonly<Record<string, string>>;

const day = 86_400_000;

interface Rental {
  readonly at: number;
  readonly returned: number;
  readonly category: string;
  readonly agreedDays: number;
  readonly cents: number;
}

interface Member {
  readonly id: number;
  readonly firstName: string;
  readonly email: string;
  readonly country: string;
  readonly rentals: readonly Rental[];
}

/** Reads the shop once; {@link wantedAt} looks at it at any moment. */
export function readShop(folder: string): readonly Member[] {
  const table = (name: string): readonly Row[] => parse(readFileSync(join(folder, `${name}.csv`)), { columns: true });
  const by = (rows: readonly Row[], key: string) => new Map(rows.map((row) => [row[key], row]));
  const films = by(table("film"), "film_id");
  const inventory = by(table("inventory"), "inventory_id");
  const filmCategory = by(table("film_category"), "film_id");
  const categories = by(table("category"), "category_id");
  const addresses = by(table("address"), "address_id");
  const cities = by(table("city"), "city_id");
  const countries = by(table("country"), "country_id");
  const paid = new Map<string, number>();
  for (const { rental_id = "", amount } of table("payment")) {
    paid.set(rental_id, (paid.get(rental_id) ?? 0) + Math.round(Number(amount) * 100));
  }
  const rentals = new Map<string, Row[]>();
  for (const row of table("rental")) {
    const customer = row["customer_id"] ?? "";
    rentals.set(customer, [...(rentals.get(customer) ?? []), row]);
  }
  return table("customer").map((customer) => ({
    id: Number(customer["customer_id"]),
    firstName: customer["first_name"] ?? "",
    email: customer["email"] ?? "",
    country:
      countries.get(cities.get(addresses.get(customer["address_id"])?.["city_id"])?.["country_id"])?.["country"] ?? "",
    rentals: (rentals.get(customer["customer_id"] ?? "") ?? []).map((rental) => {
      const film = inventory.get(rental["inventory_id"])?.["film_id"];
      return {
        at: moment(rental["rental_date"]),
        returned: moment(rental["return_date"]),
        category: categories.get(filmCategory.get(film)?.["category_id"])?.["category_name"] ?? "",
        agreedDays: Number(films.get(film)?.["rental_duration"]),
        cents: paid.get(rental["rental_id"] ?? "") ?? 0,
      };
    }),
  }));
}

/** `2005-05-24 22:53:30 UTC` in milliseconds; an empty text is never. */
function moment(text: string | undefined): number {
  return text === undefined || text === ""
    ? Number.POSITIVE_INFINITY
    : Date.parse(text.replace(" UTC", "Z").replace(" ", "T"));
}

const cents = (rentals: readonly Rental[]): number => rentals.reduce((sum, rental) => sum + rental.cents, 0);

/** sync -> everybody it should have reached, by ascending id, with what was to be sent. */
export function wantedAt(shop: readonly Member[], asOf: number): Readonly<Record<string, readonly Held[]>> {
  const known = shop
    .map((member) => ({ ...member, rentals: member.rentals.filter(({ at }) => at <= asOf) }))
    .toSorted((a, b) => a.id - b.id);
  const since = (rentals: readonly Rental[], days: number) => rentals.filter(({ at }) => at >= asOf - days * day);
  const overdue = (member: Member) =>
    member.rentals.some(({ at, returned, agreedDays }) => returned > asOf && at + (agreedDays + 3) * day < asOf);

  const pick = (belongs: (member: Member) => boolean, fields: (member: Member) => Held["fields"]): readonly Held[] =>
    known
      .filter((member) => belongs(member))
      .map((member) => ({ key: member.id, identifiers: { email: member.email }, fields: fields(member) }));

  return {
    recent_renters_to_club: pick(
      ({ rentals }) => since(rentals, 10).length > 0,
      ({ firstName, rentals }) => ({ first_name: firstName, spent: (cents(rentals) / 100).toFixed(2) }),
    ),
    lapsed_renters_to_newsletter: pick(
      ({ rentals }) => rentals.length >= 2 && since(rentals, 16).length === 0,
      ({ country, rentals }) => ({ country, rentals: rentals.length }),
    ),
    high_spenders_to_club: pick(
      (member) => cents(since(member.rentals, 30)) >= 4000 && !overdue(member),
      ({ firstName }) => ({ greeting: `Dear ${firstName}` }),
    ),
    comedy_fans_to_newsletter: pick(
      ({ rentals }) =>
        since(rentals, 35).filter(({ category }) => category === "Comedy").length >= 2 &&
        rentals.filter(({ category }) => category === "Horror").length < 3,
      () => ({ interest: "comedy" }),
    ),
    overdue_to_club: pick(overdue, ({ firstName }) => ({ first_name: firstName })),
  };
}
