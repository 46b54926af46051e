import type { CodeText } from "./codes.ts";

/** Codes of running things: SQL and models, ledger, plans, warehouse, guards. Part of the registry in ./codes.ts. */
export const runCodes: Readonly<Record<string, CodeText>> = {
  E243: {
    title: "keys are not known here",
    text: "SQL reads the keys of a segment or audience by ref() in a place where audiences are not compiled, such as a unit test that does not give that input. Give the input's rows in the unit test.",
  },
  E244: {
    title: "floating-point primary key",
    text: "A key must have one text on every warehouse, and 0.1 + 0.2 has several. Cast the column to an integer, a decimal or text in the model.",
  },
  E420: {
    title: "input that the model does not read",
    text: "A unit test gives rows for an input that its model does not read, directly or through the models between. Inputs are written ref('model') or source('name', 'table').",
  },
  E430: {
    title: "too many rows refused",
    text: "More rows than `rejected_rows.fail` allows (default 5 %, from 20 rows on) were refused, by the platform or by its limits before sending. The others were delivered. `millrace runs rejected RUN` lists the refused ones with the platform's words; they are tried again with growing pauses, or at once by `millrace retry`, and given up after `rejected_rows.retry` (5 attempts and 24 h). Exit 4.",
  },
  E510: {
    title: "ledger damaged: rows of an open plan are gone",
    text: "A run that ended early left a plan open, and the file with its rows (.millrace/runs/<environment>/<run>.duckdb) is missing or belongs to another plan. Without it nobody knows what was being sent. Restore the file; otherwise the platform has to be compared by hand before the sync goes on.",
  },
  E511: {
    title: "ledger of a newer version",
    text: "A newer millrace wrote this ledger and this one does not know its layout. Use that version, or a later one. Nothing was changed.",
  },
  E512: {
    title: "ledger older than its journal",
    text: "The journal beside the ledger speaks of plans that the ledger has not seen: the ledger was restored from a backup or a cache, or deleted. Going on would forget removals and repeat deliveries. Bring back the newer ledger file. If it is meant to be gone, remove .millrace/<environment>.serials.json: the next run is then a first run.",
  },
  E520: {
    title: "sync points to another target than its ledger",
    text: "A ledger belongs to one destination account, object and remote name. If any of them changes, the old target keeps everybody and the new one would get only differences. Set it back; or `millrace state retarget SYNC --drain --reason TEXT` first takes out of the old target everybody the ledger holds there; or `millrace state retarget SYNC --abandon --reason TEXT` leaves them there. After either the next run sends everybody to the new target. A sync that was only renamed goes on with `millrace state mv OLD NEW`.",
  },
  E521: {
    title: "several rows of one key",
    text: "Two rows of the same primary key differ, so nobody can say which one should be sent. Make the key unique in the model, or say `on_duplicate_key: { keep: first, order_by: updated_at desc }` on it. Exact copies are collapsed with warning W521. Nothing was sent.",
  },
  E522: {
    title: "rows without a primary key",
    text: "Rows whose key is NULL cannot be kept in step and are left out; above `null_keys` of the model (default 1 %) the sync stops, because a broken join is more likely than so many unknown people.",
  },
  E523: {
    title: "two keys for one record",
    text: "Two rows of the sync have the same match field, so both would write one record of the platform in turn. Make the match field unique in the model, or say `on_duplicate_key` on it. Nothing was sent.",
  },
  E524: {
    title: "the credentials open another account",
    text: "A ledger speaks of one account, and the platform says that the credentials of today open another one, or no longer says whose they are. Going on would send only differences to people that are not there, and the old account would keep everybody. Put the old credentials back, or give those of today the permission to tell that the destination's page names; or, with the old ones in place, `millrace state retarget SYNC --drain --reason TEXT` takes out everybody the ledger holds there; or `millrace state retarget SYNC --abandon --reason TEXT` leaves them there and the next run sends everybody to the new account. Nothing was sent.",
  },
  E593: {
    title: "the ledger cannot take an import",
    text: "`state import` fills an empty ledger: one that knows anything would forget it, and what it has sent could never be taken back. Export it, move its file away, then import. An export made in the middle of a run cannot be imported either: finish that run where it began, then export again.",
  },
  E594: {
    title: "the ledger lives in memory",
    text: 'An environment whose warehouse has the path ":memory:" keeps its ledger for one command only, so there is nothing to keep in order. Give the environment\'s warehouse a path. Exit 64.',
  },
  E595: {
    title: "no ledger of that name",
    text: "`state mv FROM TO` needs a sync FROM that the ledger knows and a sync TO of the project: rename the sync in its YAML first, then move its ledger. `state retarget` and `state recreate` likewise need a sync that has a ledger; emptying a target and making it anew also need the sync in the project. Exit 64.",
  },
  E596: {
    title: "both syncs have sent",
    text: "`state mv FROM TO` gives a ledger to a sync that has none yet. Where TO has sent rows of its own the two ledgers cannot become one: give the renamed sync another name.",
  },
  E597: {
    title: "the old target cannot be emptied",
    text: "`state retarget SYNC --drain` takes out of the old target everybody the ledger holds there. It needs a destination of that type (the sync's own, or any file in destinations/ with the old account) and a place from which people can be taken: not events, not snapshots, not records unless `on_leave: delete`. Rows that are held are settled first with `millrace resolve`. Otherwise `--abandon` leaves there what is there.",
  },
  E598: {
    title: "events are not sent again",
    text: "`state recreate` fills a target again that the platform lost. Events are sent once per key, for ever. If all of them are to be sent again, put the ledger aside with `millrace state retarget SYNC --abandon --reason TEXT`.",
  },
  E601: {
    title: "stale plan",
    text: "Since the plan was saved one of its syncs ran, or the configuration of one changed: its rows are no longer the difference. Plan again. Exit 6, nothing was sent.",
  },
  E602: {
    title: "plan cannot be saved here",
    text: 'An environment with `path: ":memory:"` forgets everything at the end of the command, the rows of a saved plan included. Use an environment with a file. Exit 64.',
  },
  E603: {
    title: "no such plan",
    text: "No saved plan of this environment has that id. `millrace plan -o FILE` saves one. Exit 6.",
  },
  E604: {
    title: "ambiguous plan id",
    text: "Several saved plans begin with these characters. Write more of the id. Exit 6.",
  },
  E605: {
    title: "plan already sent",
    text: "A saved plan is sent once. Plan again to see what is left to do. Exit 6.",
  },
  E606: { title: "plan expired", text: "Saved plans live for 24 hours. Plan again. Exit 6." },
  E607: {
    title: "rows of the plan are not those that were reviewed",
    text: "The frozen rows of a saved plan are gone from the ledger, or are others than when it was saved. Nothing was sent. Plan again. Exit 6.",
  },
  E621: {
    title: "change that cannot be from_now",
    text: "`on_mapping_change: from_now` keeps what the platform holds and only sends new differences. After a change of identifiers, key or mode that would leave the old identifiers at the platform for ever. Say backfill.",
  },
  E700: {
    title: "database file cannot be opened",
    text: "The file is no DuckDB database, was written by a newer DuckDB, cannot be read, or the data's path is where the environment's ledger stands.",
  },
  E701: {
    title: "DuckDB refused a statement",
    text: "The message is the first line of DuckDB's own error; values of rows are replaced by …, since they may be personal. `millrace compile MODEL` prints the SQL to try it by hand.",
  },
  E702: {
    title: "SQL of a model does not run",
    text: "DuckDB's parser or binder refuses the SQL of a model, of a segment's or audience's sql: file, or of a test: a syntax error, an unknown column or function, types that do not fit. The place is line and column of the .sql file.",
  },
  E703: {
    title: "not exactly one SELECT",
    text: "Files of SQL hold exactly one SELECT (WITH … SELECT, FROM …, VALUES …). Statements that write, change settings or attach files are never run, nor is a second statement. PIVOT as a statement is not a SELECT either: write it as a subquery or with conditional aggregates.",
  },
  E704: {
    title: "SQL reads what it may not",
    text: "SQL of a project names a table that is no ref() or source() of that file, uses a table function that is not on the short list (range, generate_series, unnest, json_each, json_tree, repeat, repeat_row), or a function that reads or writes the machine. Declare data as a source and use {{ source('…', '…') }}. DuckDB itself holds the same limit a second time: external access is off.",
  },
  E705: {
    title: "file of a source is not there",
    text: "`file:` of a source table names a file that does not exist. Paths are relative to the project's root.",
  },
  E706: {
    title: "seed cannot be loaded",
    text: "The seed file is gone, is no CSV, Parquet or JSON lines, or a value does not fit the declared column_types. Values are not shown. Declare types under `seeds: [ { name, column_types } ]` or mend the file.",
  },
  E707: {
    title: "source without data",
    text: "A source table is declared, and the environment has neither a seed seeds/<schema>/<table>.csv, nor a `file:`, nor that table in the DuckDB file of its `path:`. The hint says where millrace looked.",
  },
  E708: {
    title: "out of memory or disk",
    text: "A statement needed more than the environment's memory_limit and could not spill, or a disk is full: that of .millrace/tmp, or of the file that the message names. Raise memory_limit or free space, then run again: nothing was half done, and where rows had been sent already the journal says so, from which the next run writes the ledger.",
  },
  E709: {
    title: "the package for lineage is not installed",
    text: "`millrace lineage` reads SQL with the package @polyglot-sql/sdk, which is not installed with millrace because nothing else needs its 24 MB. The hint has the line that installs it, in the project or beside a global millrace.",
  },
  W430: {
    title: "many rows refused",
    text: "More rows than `rejected_rows.warn` allows (default 0.5 %, from 20 rows on) were refused, and fewer than `fail`. The others were delivered; `millrace runs rejected RUN` lists the refused ones with the platform's words. The run does not fail.",
  },
  W521: {
    title: "exact copies of rows",
    text: "The model gave the same row more than once for a key. One of them is sent. Usually a join multiplied rows: a data test `unique` on the key finds it early.",
  },
  W522: {
    title: "last definition no longer runs",
    text: "A plan says how many people an edit of an audience moves by evaluating its definition of the last run on today's data. That definition no longer runs, mostly because a column, table or model it reads is gone. The plan itself is right; only the split into edit and data is missing until the next sync.",
  },
  W701: {
    title: "seed lost leading zeros",
    text: "A column of a seed was read as a number although some values begin with a zero or a plus: phone numbers and postal codes lose it. Declare it varchar under `seeds: [ { name, column_types } ]`.",
  },
  G1: {
    title: "guard: empty",
    text: "Nobody is wanted although the destination holds people. A model that reads nothing looks just like an audience without members, so the sync stops. `guards: { empty: allow }` says that it may be empty.",
  },
  G2: {
    title: "guard: shrink",
    text: "Far fewer rows are wanted than the destination holds (default 20 % and at least 50 people).",
  },
  G3: {
    title: "guard: growth",
    text: "Far more rows are wanted than the destination holds (default 100 % and at least 1,000 people); off on a first run.",
  },
  G4: {
    title: "guard: remove",
    text: "Too many people would be taken out, those of the last 24 hours counted in (default 15 % and more than 20 people).",
  },
  G5: { title: "guard: min_rows", text: "Fewer rows are wanted than `guards.min_rows` asks for." },
  G6: { title: "guard: max_rows", text: "More rows are wanted than `guards.max_rows` allows." },
  G7: { title: "guard: freshness", text: "A source above the sync is older than its `freshness.fail`." },
  G8: {
    title: "guard: null_share",
    text: "More rows than allowed lack an identifier (`guards: { null_share: { email: 5% } }`).",
  },
  G9: {
    title: "guard: first_run",
    text: "A sync to a real destination runs for the first time and would send everybody. On a terminal millrace asks; elsewhere `--yes` confirms it.",
  },
  G10: {
    title: "guard: tests",
    text: "A test of error severity fails upstream of the sync: `millrace test` shows it.",
  },
  G11: {
    title: "guard: adds",
    text: "Many new keys while the size hardly moves: keys were re-encoded or the source was reloaded, and everybody would be sent again. Always on for events.",
  },
};
