/** Which withheld identifiers another wanted row holds now, after the settle (R4): one lookup in the warehouse. */
import type { SentIdentifier } from "../core.ts";
import { identifierKey } from "../ledger/rules.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import { opCodes, planTable } from "./diff.ts";
import { identitiesOf, wantedIdentities } from "./prepare.ts";
import type { PlanSource } from "./rows.ts";

export interface Withheld {
  readonly k: string;
  readonly id: SentIdentifier;
}

/**
 * Says of a key's withheld identifier whether another wanted row has it in its own ids and wants it. Wanted rows are those
 * of the plan that are no removes, with their identities as prepared, and those the plan left alone.
 */
export async function coveredIdentifiers(
  source: PlanSource,
  ledger: Ledger,
  withheld: readonly Withheld[],
): Promise<(k: string, id: SentIdentifier) => boolean> {
  const { warehouse, target, id, shape } = source;
  const asked = `${target}."asked__${id}"`;
  await warehouse.execute(`CREATE OR REPLACE TABLE ${asked} (k VARCHAR, kind VARCHAR, "value" VARCHAR)`);
  await warehouse.append(asked, [withheld.map(({ k, id: one }) => [k, one.kind, one.value])]);
  const plan = planTable(target, id);
  const rows = await warehouse.rows(`
WITH held AS (
  SELECT s.k, u.kind AS kind, u."value" AS "value", s.state
  FROM (SELECT k, state, unnest(ids) AS u FROM ${sentTable(ledger, id)}) s
  WHERE EXISTS (SELECT 1 FROM ${asked} a WHERE a.kind = s.u.kind AND a."value" = s.u."value")
),
wanted AS (${wantedIdentities(target, id, identitiesOf(shape))}),
holders AS (
  SELECT h.k, h.kind, h."value" FROM held h JOIN ${plan} p ON p.k = h.k AND p.op <> ${opCodes.remove}
  JOIN wanted w ON w.n = p.n AND w.kind = h.kind AND w."value" = h."value"
  UNION ALL
  SELECT h.k, h.kind, h."value" FROM held h
  WHERE h.state IN ('ok', 'assumed') AND NOT EXISTS (SELECT 1 FROM ${plan} p WHERE p.k = h.k)
)
SELECT DISTINCT a.k, a.kind, a."value" FROM ${asked} a JOIN holders h ON h.kind = a.kind AND h."value" = a."value" AND h.k <> a.k`);
  await warehouse.execute(`DROP TABLE ${asked}`);
  const key = (k: string, kind: string, value: string): string =>
    `${k}\u0000${identifierKey({ kind, value, version: 0 })}`;
  const covered = new Set(rows.map((row) => key(row["k"], row["kind"], row["value"])));
  return (k, one) => covered.has(key(k, one.kind, one.value));
}
