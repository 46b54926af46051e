/** What a dbt project built, as millrace reads it: the manifest's nodes and sources under the names that ref() and source() take. */
import type { Location } from "../../core.ts";
import type { ColumnSpec, DataTestSpec, Meta } from "../project.ts";

/** A relation as dbt names it, unquoted; `database` is null where dbt gives two parts. */
export interface DbtRelation {
  readonly database: string | null;
  readonly schema: string;
  readonly name: string;
}

export interface DbtNode extends Meta {
  /** What ref() takes: the name in dbt; `orders_v1` of a version that is not the latest. */
  readonly name: string;
  /** `model.shop.orders.v2`; of a seed that stands for a node: its file. */
  readonly uniqueId: string;
  readonly kind: "model" | "seed" | "snapshot";
  /** The call that dbt itself takes: `ref('orders', v=1)`. */
  readonly ref: string;
  /** Null for a node that only a seed of this project stands for. */
  readonly relation: DbtRelation | null;
  readonly description: string;
  readonly columns: readonly ColumnSpec[];
  readonly data_tests: readonly DataTestSpec[];
  readonly shape: DbtShape;
}

/** What tells the columns of a node, best first; see {@link ../../models/dbt-columns.ts}. */
export interface DbtShape {
  /** Columns of the model's contract, when dbt enforces it: all there are. */
  readonly contract: readonly string[] | null;
  /** The query that dbt compiled; of one that it did not, as far as it can be read without Jinja. */
  readonly sql: string | null;
  /** Columns that dbt adds to the query's: those of a snapshot. */
  readonly added: readonly string[];
  /** Columns of catalog.json, when it is at least as new as the manifest. */
  readonly catalog: readonly string[] | null;
}

export interface DbtTable {
  readonly name: string;
  readonly relation: DbtRelation;
  readonly description: string;
  readonly columns: readonly ColumnSpec[];
}

export interface DbtSource {
  readonly name: string;
  readonly schema: string;
  readonly description: string;
  readonly tables: readonly DbtTable[];
}

/** The dbt project of one environment. */
export interface Dbt {
  /** Path of the manifest, relative to the root; null where seeds stand for the nodes. */
  readonly manifest: string | null;
  /** `v12`. */
  readonly version: string;
  /** Milliseconds since the epoch; null where there is no manifest. */
  readonly generatedAt: number | null;
  readonly nodes: ReadonlyMap<string, DbtNode>;
  readonly sources: ReadonlyMap<string, DbtSource>;
  /** Names that dbt has and ref() cannot read -> why. */
  readonly unusable: ReadonlyMap<string, string>;
  /** With `require_success`: unique id -> why what dbt built may not be read. */
  readonly failed: ReadonlyMap<string, string>;
  /** With `require_success`: why nothing of it may be read. */
  readonly unproven: string | null;
  /** The place in millrace.yml that names the manifest. */
  readonly at: Location;
}
