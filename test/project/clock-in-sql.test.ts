import { expect, it } from "vitest";
import { load, told } from "./sample.ts";

it.each([
  ["select now() as a", ["now"]],
  ["select NOW ( ) as a, current_date as b", ["now", "current_date"]],
  [
    "select current_timestamp, current_time, localtimestamp, localtime",
    ["current_timestamp", "current_time", "localtimestamp", "localtime"],
  ],
  [
    "select today(), transaction_timestamp(), get_current_time(), get_current_timestamp()",
    ["today", "transaction_timestamp", "get_current_time", "get_current_timestamp"],
  ],
  ["select current_localtime(), current_localtimestamp()", ["current_localtime", "current_localtimestamp"]],
  ["select today, o.current_date, o . localtime, nowhere(), my_now() from o", []],
  ["select 'now()', \"now()\", '{{ var('as_of') }}' -- now()\n/* today() */ {# current_date #}", []],
])("%s", async (sql, words) => {
  const { diagnostics } = await load({ "models/more.sql": sql });
  expect(told(diagnostics).map((line) => line.replace(/^\S+ \S+ /, ""))).toEqual(
    words.map((word) => `${word} depends on when the query runs`),
  );
});
