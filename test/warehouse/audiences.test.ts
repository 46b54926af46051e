import { openDuckDB } from "../../src/warehouse/duckdb.ts";
import { audiences } from "../contract/warehouses/audiences.ts";
import { contract } from "../contract/warehouses/contract.ts";

contract(
  "duckdb",
  "itself",
  async () => {
    const warehouse = await openDuckDB({ threads: 2 });
    return {
      subject: { warehouse, table: (name) => warehouse.dialect.relation("memory", "main", name) },
      stop: () => warehouse.close(),
    };
  },
  [],
  audiences,
);
