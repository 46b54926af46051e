/** Every code of a diagnostic, guard or rejected row, with what `millrace explain CODE` prints. Numbers are never reused. */

import { runCodes } from "./codes-run.ts";
import { snowflakeCodes } from "./codes-snowflake.ts";
import { warehouseCodes } from "./codes-warehouse.ts";

export interface CodeText {
  readonly title: string;
  /** What it is, why, and how to mend it. */
  readonly text: string;
}

export const codes: Readonly<Record<string, CodeText>> = {
  E001: {
    title: "command line",
    text: "A flag, command or word that millrace cannot read: misspelt, missing its value, or out of form. The message names it; `millrace <command> --help` shows flags and examples. Nothing was done. Exit 64.",
  },
  E002: {
    title: "override without a reason",
    text: '`--override-guard` lets a run pass although a guard stopped it; the ledger records who did so and why. Add --reason "…". Exit 64.',
  },
  E003: {
    title: "a project is there already",
    text: "`millrace init` writes no file over another. Choose another folder: `millrace init <folder>`. Exit 64.",
  },
  E004: { title: "no such file", text: "A file named on the command line does not exist or cannot be read. Exit 64." },
  E005: {
    title: "file outside the project",
    text: "`-o` and the like write below the project, below the folder the command runs in, or below a folder of `allow_paths` in millrace.yml. Exit 64.",
  },
  E010: {
    title: "no project here",
    text: "No folder from here upward has a millrace.yml. Go to the project's folder, name it with -C DIR or MILLRACE_PROJECT_DIR, or make a project with `millrace init`.",
  },
  E011: {
    title: "unknown environment",
    text: "The environment named by -e, MILLRACE_ENV or `default_environment` is not in millrace.yml. Without a name, `dev` is taken, or the only environment there is. Environments say where data is read and whether real destinations may be written to, so none is guessed.",
  },
  E012: {
    title: "as_of is no time",
    text: "`--vars as_of=` sets the time of the run: every relative rule, freshness and schedule reads it. It takes a date (midnight in the project's time zone) or a timestamp (UTC unless it names a zone): 2026-01-31 or 2026-01-31T06:00:00Z.",
  },
  E020: {
    title: "nothing selected",
    text: "The names and selectors fit no resource, so there is nothing to do. Look at the spelling (`millrace ls`), or pass --allow-empty where an empty selection is fine (slim CI). Exit 64.",
  },
  E021: {
    title: "a yes is needed and there is no terminal",
    text: "The command changes something for good and asks before it does. In scripts pass --yes. Exit 64.",
  },
  E022: {
    title: "selector that cannot be read",
    text: "Selectors are names and methods, joined by spaces (or) and commas (and), with + for what is upstream or downstream: `+vip`, `tag:paid,type:sync`, `path:models/fr 2+orders+1`. Methods: tag, path, owner, destination, type, status, state, git, result, due, selector, and kinds like audience:. `state:` needs --state DIR.",
  },
  E023: {
    title: "unknown named selector",
    text: "--selector and selector: take names of selectors.yml at the project's root.",
  },
  E070: {
    title: "a bug in millrace",
    text: "Something happened that millrace did not foresee. The stack stands in a file below target/ (masked, mode 0600), never on the terminal. Please report it with the versions printed. Exit 70.",
  },
  E071: {
    title: "a file could not be read or written",
    text: "The operating system refused: the disk is full or broken, the file system read-only, a permission missing, too many files open. Nothing is sent that was not written down first, so mend that and run again; the next `millrace sync` settles what the failed one had sent.",
  },
  E101: {
    title: "YAML that cannot be read",
    text: "The file is not YAML: a tab used for indentation, a missing space after a colon, a quote that is never closed. The parser's words and the place follow. Values with `: `, `#` or a leading `*`, `&`, `{`, `[`, `%`, `@` need quotes.",
  },
  E102: {
    title: "unknown key",
    text: "The key is not known in this place. Keys are never ignored: a misspelt `where` would send an audience to everyone. The nearest key is suggested, and `millrace validate --fix` corrects keys with one candidate. An editor with the schemas of `millrace schema --write` shows the keys as you type.",
  },
  E103: {
    title: "missing key",
    text: "This block cannot do without the key. The keys of every block are in the editor's schemas (`millrace schema --write`).",
  },
  E104: {
    title: "wrong kind of value",
    text: "A list was expected and a text found, or the like. In YAML a list is `[a, b]` or lines that begin with `- `; a block is `{ key: value }` or indented lines; `yes` and `no` are texts, true and false are not.",
  },
  E105: {
    title: "value that is not allowed",
    text: "The value has the right kind but cannot be used: not one of the words allowed, out of range, or in conflict with another key. The message says what was expected.",
  },
  E106: {
    title: "key twice",
    text: "The same key stands twice in one block. YAML readers differ on which wins, so neither is taken: keep one.",
  },
  E107: {
    title: "unresolved merge",
    text: "The file still has the lines git writes when two branches changed one place (<<<<<<<, =======, >>>>>>>). Choose what shall stand and delete the markers.",
  },
  E108: {
    title: "too large or too deep",
    text: "A project file may have 1 MB, 64 levels, 200,000 values and 50 uses of aliases. Files beyond that are nearly always made to exhaust memory, or data that belongs in seeds/.",
  },
  E109: {
    title: "YAML feature that is not read",
    text: "Tags (`!…`), merge keys (`<<`), keys that are lists, and the key `__proto__` are not read: they make a file mean different things to different readers. Write the value out.",
  },
  E110: {
    title: "file that cannot be read",
    text: "The file is not there, may not be read by this user, or is not UTF-8 text. Save it as UTF-8.",
  },
  E111: {
    title: "duration that cannot be read",
    text: "Durations are a whole number and a unit: s, min, h, d, w, mo, y. `5m` could be minutes or months, so it is refused: write 5min or 5mo. Where a fixed length is needed (limits, deadlines), mo and y are refused.",
  },
  E112: {
    title: "name that cannot be used",
    text: "Names become parts of table names in the ledger: small letters, digits and single underscores, beginning with a letter, at most 63 characters.",
  },
  E190: {
    title: "not in this version",
    text: "The key or file belongs to a part of millrace that this version does not have yet. It is an error and never ignored: a `purpose` or a `holdout` that does nothing would be worse than none. Take it out until you run a version that has it.",
  },
  E201: {
    title: "unknown reference",
    text: "ref(), a rule, a sync or a test names a model, seed, segment, audience or sync that the project does not have. Models are named after their .sql file; models, seeds, segments and audiences share one namespace. Check the spelling; `millrace ls` lists what there is.",
  },
  E202: {
    title: "unknown source",
    text: "source('name', 'table') must be declared under `sources:` of a YAML below models/, so that freshness, seeds and lineage know it.",
  },
  E203: {
    title: "unknown destination",
    text: "Syncs and environments name destinations by the `destination:` of a file in destinations/. Check the spelling, or write the file.",
  },
  E204: {
    title: "unknown column",
    text: "The YAML names a column that the model does not return. Files alone do not know columns: the warehouse was asked (validate --online, plan, sync). Correct the name, or add the column to the model's SELECT.",
  },
  E205: {
    title: "unknown object",
    text: "Each destination type has its own objects: audience, contact, list, member … `millrace destinations TYPE` lists them.",
  },
  E206: {
    title: "identifier that does not fit",
    text: "Destinations find people by identifiers (email, phone …), each in the platform's own normal form. A sync maps kinds the object takes to columns; without `identifiers:` it takes those of its model that the object knows. At least one is needed.",
  },
  E207: {
    title: "mode that does not fit",
    text: "mirror, upsert, add and remove fit memberships and records, update fits records, append fits events; and the platform must be able to do it. See the table of modes in the guide.",
  },
  E208: {
    title: "on_leave that does not fit",
    text: "What happens to who leaves depends on the object: people are removed from a membership, a record is kept, deleted (archived) or changed with { set: … }. A mirror of records must say which, because deleting somebody's contact is not a default.",
  },
  E209: {
    title: "field that does not fit",
    text: "A mapping, key or on_leave names a field that the object does not have, one is mapped twice, or a required one is missing.",
  },
  E210: {
    title: "cycle",
    text: "Models, segments and audiences may not depend on themselves at any remove, and syncs may not wait for each other. Take one of the references on the way out.",
  },
  E211: {
    title: "name twice",
    text: "Models, seeds, segments and audiences share one namespace, since all can be meant by ref(); sources, syncs and destinations have one each. Rename one of the two.",
  },
  E212: {
    title: "one remote, two syncs",
    text: "Two syncs keep the same membership at a destination. Each would remove the people the other added. Give each its own `remote: { name: … }`, or join the audiences.",
  },
  E213: {
    title: "model without primary key",
    text: "The ledger remembers what was sent by the model's primary key, so what is activated needs one: `primary_key:` in the model's YAML. It must be unique and not NULL, and should never change for a person.",
  },
  E214: {
    title: "template error",
    text: "SQL knows six words in {{ }}: ref, source, var, env_var, this, target.name, and {# comments #}. There is no {% %}: logic in templates makes queries that nobody can read or check. Build such models in dbt and ref() what it builds.",
  },
  E215: {
    title: "unknown variable",
    text: "var() reads `vars:` of millrace.yml and --vars. Declare it there, or give a default: var('name', 'default').",
  },
  E216: {
    title: "env_var that is not listed",
    text: "SQL may read only environment variables listed under `env_vars:` in millrace.yml, so that a project somebody cloned cannot read tokens into a query.",
  },
  E217: {
    title: "remote key that the object does not have",
    text: "`remote:` of a sync says which target at the platform is meant: `name`, `id`, `create`, and what the object needs besides (`sobject` of Salesforce, `custom_object` of HubSpot). `millrace destinations TYPE` lists them.",
  },
  E218: { title: "file that does not exist", text: "The path is relative to the YAML file that names it." },
  E219: {
    title: "members of another model",
    text: "Segments and audiences are sets of keys. Keys of customers mean nothing among companies: use one of the same model, or a rule with event: or related:.",
  },
  E222: {
    title: "unknown destination type",
    text: "A type is a built-in (`millrace destinations`) or a .ts or .mjs file in the project's destinations/, named without its ending.",
  },
  E223: {
    title: "destination code that cannot be loaded",
    text: 'A file in destinations/ must default-export defineDestination({ … }) from "millrace/destination". It may import that, zod, node:crypto and relative files of the project, nothing else: it runs with your secrets.',
  },
  E225: {
    title: "model without SQL",
    text: "The YAML describes a model, and no .sql file below models/ has its name. Write the file, or correct the name.",
  },
  E226: {
    title: "seed too deep",
    text: "seeds/<name>.csv is ref('name'); seeds/<schema>/<table>.csv stands for the source table of that name.",
  },
  E227: {
    title: "schedule that cannot be read",
    text: "A cron expression has five fields: minute, hour, day of month, month, weekday. `0 6 * * *` is every day at six, in the sync's or the project's time zone.",
  },
  E230: {
    title: "operator and column do not fit",
    text: "A rule compares a column with something its type does not have: a number column with a quoted text, a text column with a number, `contains` on a date, `within_last` on a text. Rules never convert types in silence: an implicit cast fails in the middle of a run on the first value that does not convert, or matches nobody. Write the value in the column's type (numbers without quotes, texts in quotes, dates as 2026-01-31), or convert the column in the model.",
  },
  E231: {
    title: "value of a rule cannot be read",
    text: "A duration, date, timestamp or operator in a rule is not in the form that rules understand. Durations are a number and one of s, min, h, d, w, mo, y (`5m` could be minutes or months and is refused); moments are 2026-01-31, 2026-01-31T09:00:00Z or { ago: 30d }; every leaf needs exactly one operator.",
  },
  E232: {
    title: "unknown segment, audience or model in a rule",
    text: "`in_segment`, `in_audience`, `exclude`, `event` or `related` names something that the project does not have. `in_segment` takes segments, `in_audience` audiences, `exclude` both, `event` and `related` models and seeds.",
  },
  E233: {
    title: "members of another model",
    text: "A rule over one model uses a segment or audience of another: their keys mean different things. Use a segment of the same model, or reach the other model's rows with `related:` or `event:` and `on:`.",
  },
  E234: {
    title: "segments and audiences in a circle",
    text: "Segments and audiences refer to each other so that each needs the other's members first. Take one of the references out; often a segment with the common rules, used by both, says what is meant.",
  },
  E235: {
    title: "unknown column in a rule",
    text: "A rule, an `on:` or an `order_by` names a column that the model's query does not return. Column names are compared exactly, capitals included.",
  },
  E236: {
    title: "model without primary key",
    text: "Members of an audience are known by the model's primary key, and this model names none. Add `primary_key: COLUMN` (or a list) to its YAML.",
  },
  E237: {
    title: "order_by of a limit cannot be read",
    text: "`limit.order_by` takes columns of the audience's model (or of its query), each with `asc` or `desc`, separated by commas: `lifetime_value desc, last_order_at`. NULLs come last and ties are broken by primary key. Expressions belong in a column of the model.",
  },
  E238: {
    title: "audience query without the key",
    text: "The query of a `sql:` audience or segment must return the primary key columns of its model; other columns it returns can be mapped by syncs.",
  },
  E239: {
    title: "unknown identifier in an audience test",
    text: "`share_with_identifier` names an identifier kind that the audience's model does not declare. Add it to `identifiers:` of the model, kind on the left, column on the right.",
  },
  E245: {
    title: "unknown library model",
    text: "ref('millrace.…') reads the SQL library that comes with millrace, and it has no model of that name. docs/library.md lists what it has; a model of your own is named without millrace.",
  },
  E246: {
    title: "arguments of a library model",
    text: "A library model is called with arguments by name: ref('millrace.sessions', events='page_views', key='visitor_id', at='seen_at', gap='30min'). One is missing, misspelt, stands twice, or is not what its parameter takes: a model is a name or source.table, a column a plain name of letters, digits and underscores, a duration a number and a unit; and where the warehouse was asked, a column holds a number, or a date or time, where its parameter says so. What does not fit gets its name or type in a model of your own. docs/library.md lists the parameters.",
  },
  E247: {
    title: "dbt manifest that cannot be read",
    text: "`dbt: manifest` in millrace.yml names a file that is not there, lies outside the project and its `allow_paths`, is no JSON, lies in the folder where millrace writes a manifest.json of its own, or lacks keys that millrace reads: metadata.generated_at, nodes and sources, each with its relation_name. Manifests of version 10 to 12 have them (dbt 1.6 and newer); the number itself is not looked at. `dbt build` writes the file into target/.",
  },
  E248: {
    title: "dbt node that cannot be read",
    text: "ref() names something that dbt knows but that is no table or view: an ephemeral model, a name that two packages share and the dbt project itself has not, or a name with other characters than letters, digits and underscores. ref() what dbt builds, or rename it there.",
  },
  E249: {
    title: "meta.millrace that cannot be read",
    text: "A dbt model may carry what millrace needs to know of it: `meta: { millrace: { primary_key: customer_id, identifiers: { email: email } } }`, with the keys of an entry of `models:`. The message names the key. An entry of that name under `models:` in the project says the same and wins.",
  },
  E250: {
    title: "dbt did not build what this sync reads",
    text: "With `dbt: require_success` a sync runs only when dbt's last run left nothing failed above it: run_results.json beside the manifest lists a node as failed or skipped, a failed dbt test stands at one, or the file is missing, unreadable or of a command that builds nothing (dbt compile, dbt docs generate). The sync sends nothing, the others go on; exit 1. Mend and run `dbt build`; after it, `dbt docs generate --no-compile` leaves the file alone.",
  },
  E251: {
    title: "exposures file that is not millrace's",
    text: "`millrace dbt exposures --write` replaces a file only when its first line says that millrace wrote it. Name another file, or take that one away.",
  },
  E252: {
    title: "no dbt manifest here",
    text: "`millrace dbt` needs the manifest of dbt: name it under `dbt:` in millrace.yml. An environment that is not among `dbt: manifests` has none: choose another with -e.",
  },
  E253: {
    title: "append.time is no date or timestamp",
    text: "`append: { time, horizon }` of a sync names the column that says when an event happened: only events within the horizon are sent. The model has no such column, or it holds a text or a number: convert it in the model, `CAST(happened_at AS TIMESTAMP)`.",
  },
  W250: {
    title: "dbt manifest too old",
    text: "The manifest is older than `dbt: max_age`, so the columns, tests and names that were checked may not be today's. `dbt build` writes it anew. The age is seen from the run's time (as_of).",
  },
  W251: {
    title: "column that dbt does not list",
    text: "A column is used that the dbt manifest does not list, and nothing tells all the columns of that node: no enforced contract, a query that could not be read through (select * from a seed or source), no catalog.json as new as the manifest. It may be there all the same: `millrace validate --online` asks the warehouse, `dbt docs generate` writes the catalog, a line under columns: in dbt's YAML lists it.",
  },
  W252: {
    title: "lineage that is not known",
    text: "`millrace lineage` tells where a column comes from only where that is certain. Here it is not: SQL that the parser does not understand, `*` of a table whose columns nobody listed, a name that could be a column of several tables. List the columns of the source under `columns:`, write the names out, or put the table in front of them.",
  },
  E330: {
    title: "key in a file",
    text: 'A text looks like an access key: by a vendor\'s known form, or random text in credentials. Files are shared and git remembers. Write "${env:NAME}" or "${file:path}", remove the key from git\'s history, and have the vendor make a new one.',
  },
  E331: {
    title: "secret that SQL may read",
    text: "A variable is listed in `env_vars:` and used as a secret. Compiled queries and logs of the warehouse would show it. Use two variables.",
  },
  E332: {
    title: "secret where none may be",
    text: "References to secrets are read only in `connection`, `credentials` and `notifications[].webhook`: everything else is shown in plans and logs. Credentials take no default, since that would be a key in a file.",
  },
  E333: {
    title: "secret reference that cannot be read",
    text: 'References are "${env:NAME}", "${env:NAME:-default}" (not in credentials) and "${file:path}", in quotes.',
  },
  E334: {
    title: "secret that is not set",
    text: "A secret is resolved when it is used. The variable is not set or empty, or the file is absent, empty or larger than 64 KB. The message names it and never shows a value.",
  },
  E340: {
    title: "real destination in a safe environment",
    text: "A destination is real unless its type is file, it is under `use: file`, or it only calls this machine. Real ones need `prod: true` or `allow_real_destinations: true` in the environment, so that a laptop or CI cannot write to a customer's account by accident. Exit 64, before any request.",
  },
  E342: {
    title: "personal data stays masked in this environment",
    text: "--reveal-pii shows e-mails, phones and names as they are. An environment has to allow it: `environments: { dev: { reveal_pii: true } }` in millrace.yml. Each use is written to .millrace/audit.ndjson with who, when and what.",
  },
  E341: {
    title: "path out of the project",
    text: "Files are read and written only below the project, links resolved. Folders outside are listed under `allow_paths:` in millrace.yml.",
  },
  E410: {
    title: "a unit test failed",
    text: "The model gave other rows than `expect:` says for the given input. The detail shows cell by cell what differs.",
  },
  E411: {
    title: "a data test failed",
    text: "Rows of the model break a data test; syncs downstream of it are stopped (G10).",
  },
  E412: {
    title: "an audience test failed",
    text: "The audience is not as its `tests:` say; its syncs are stopped (G10).",
  },
  E413: {
    title: "a source is stale",
    text: "A source's newest row is older than `freshness.fail`; syncs downstream are stopped (G7).",
  },
  E590: {
    title: "no such run",
    text: "The ledger of this environment knows no run of that id. `millrace runs` lists them; the end of an id is enough where it is unique. Exit 64.",
  },
  E591: {
    title: "not the holder",
    text: "`state unlock RUN` frees the lock of that run and no other, so that a lock taken meanwhile is safe. `millrace state lock` shows who holds it. Exit 64.",
  },
  E592: {
    title: "not an export of a ledger",
    text: "`state import` reads what `state export` wrote, whole and unchanged.",
  },
  W220: {
    title: "SQL asks the clock",
    text: "now() and current_date make a model's rows depend on when the query ran: a plan and its sync differ, tests are not repeatable. Use {{ var(\"as_of\") }}, the run's own time.",
  },
  W230: {
    title: "not: keeps NULLs",
    text: "A rule on a NULL is false, so `not:` around it is true: `not: { field: country, is: FR }` keeps everybody whose country is unknown. Say which you mean: `{ field: country, is_not: FR }` leaves them out, with `or_null: true` it keeps them; inside `not:`, `or_null: true` leaves them out. A not_null test on the column says that there are none, and the advice ends.",
  },
  W320: {
    title: "no purpose is asked",
    text: "Without privacy.yml nothing asks what people were told their data is used for, or whether they agreed: whoever the rules choose is sent. Where that is settled elsewhere, or the data is not about people, write `privacy: none` in millrace.yml.",
  },
  W310: {
    title: "destination without a sync",
    text: "A destination that no sync names does nothing. Remove the file, or write the sync.",
  },
  W410: { title: "a unit test warns", text: "A unit test of severity warn does not hold." },
  W411: { title: "a data test warns", text: "Rows break a data test whose severity is warn; nothing is stopped." },
  W412: {
    title: "an audience test warns",
    text: "The audience is not as a test of severity warn says; nothing is stopped.",
  },
  W413: { title: "a source grows old", text: "A source's newest row is older than `freshness.warn`." },
  E810: {
    title: "The sync's target could not be found or made",
    text: "The destination could not settle which audience, list or table the sync writes to: none of that name exists and `remote: { create: false }`, several have the name, one exists that this sync did not make, or the platform refused to make it. Name the target by its id with `remote: { id: … }`, choose another name, or allow `create: true`.",
  },
  E811: {
    title: "The sync's target is gone",
    text: "The audience, list or endpoint that this sync has been writing to no longer exists (HTTP 404 or 410, or the platform's own words for it). Nothing more was sent. If it was deleted there and is to be filled again, `millrace state recreate SYNC --reason TEXT`: the next run finds or makes the target anew and sends everybody who is wanted. If the sync is to write elsewhere, name the new target in its YAML, then `millrace state retarget SYNC --abandon --reason TEXT`. If nothing is to be sent any more, remove or pause the sync.",
  },
  E812: {
    title: "The destination refused the credentials",
    text: "The platform says that the token or key is wrong or has expired. Renew it where the destination's YAML reads it from, then run `millrace doctor --online`.",
  },
  E813: {
    title: "The destination refused permission",
    text: "The credentials are good but may not do this: a scope is missing, the account is not linked, or the platform's terms are not accepted. The message holds the platform's words; grant what it names and run again. Nothing was sent.",
  },
  E814: {
    title: "The destination answered with a redirect",
    text: "The endpoint answered HTTP 3xx. Redirects are never followed with personal data in hand; set `url` (or `base_url`) to the new address.",
  },
  E815: {
    title: "The platform closed the target to changes",
    text: "The platform flagged or froze the audience and takes no changes (Meta: operation status 471). Look at it in the platform's own page; the sync goes on when it is released.",
  },
  E501: {
    title: "Another run is working on this environment",
    text: "One run at a time may work on an environment. The message names the run, who started it and when it last showed a sign of life. Wait for it with `--wait 10m`. A run that died on the same machine is taken over by itself at once; one that died elsewhere, or in another container, once its lease is over. If you know that it is gone, `millrace state unlock RUN` frees the lock and keeps what the next run must know.",
  },
  E502: {
    title: "This run lost its lock",
    text: "The process was paused or cut off for longer than its lease (a sleeping laptop, a stopped container) and another run took over, or may do so now. Nothing more is sent. What was sent before is settled by the other run, or by the next `millrace sync`.",
  },
  E503: {
    title: "The journal is damaged",
    text: "A record of the journal fails its check although sound records follow, so this is no write cut off by a crash: a disk or a program changed the file. Restore it from a backup. Without one, move the file away: rows below the send horizon then count as in doubt and are sent again.",
  },
  E504: {
    title: "The journal could not be written",
    text: "The disk refused a write or an fsync of the journal. After such an error what was written before may be lost too, so the run stops at once. The next `millrace sync` settles what was sent; look at the disk first.",
  },
  E505: {
    title: "No space left for the journal",
    text: "The disk is full. Nothing of the batch was sent, because its intent could not be recorded first. Verdicts of what had been sent are kept in a reserve. Free some space and run again.",
  },
  E506: {
    title: "The journal was written by a newer version",
    text: "Use the version of millrace that wrote it, or a later one; an older one does not guess at its layout.",
  },
  E507: {
    title: "The journal belongs to another plan",
    text: "A journal is never replayed into another plan. An earlier run was not recovered: `millrace sync` recovers it before it plans.",
  },
  E508: {
    title: "The lock file cannot be read",
    text: "`.millrace/<environment>.lock` or a file beside it is no lock of millrace. If no run of this environment is alive anywhere, remove it; rows sent by a crashed run may then be sent again.",
  },
  E816: {
    title: "The destination may not call this host",
    text: "Either the destination's code called a host that it does not declare (only `hosts`, or the host of `base_url`), or the platform named a file at a host that is not among the destination's `downloads` (`download_hosts` of its config sets them), or the host is a private address or plain http without `allow_private_network: true`. Cloud metadata addresses are never called.",
  },
  E817: {
    title: "The request is malformed",
    text: "The address is no http address, holds a user name, or a header holds characters that headers cannot. Look at the destination's config.",
  },
  E818: {
    title: "The server's certificate is not valid",
    text: "It has expired, is self-signed, or is for another name. NODE_EXTRA_CA_CERTS adds an authority of your own.",
  },
  E819: {
    title: "A destination could not write its file",
    text: "The folder cannot be written, the disk is full, or the name leads outside the destination's folder (`..`, absolute, through a symbolic link).",
  },
  E820: {
    title: "A file that the platform named was not read",
    text: "The platform told of refused rows in a file at another address, and the file was not there (any more), did not come in time, or is larger than the 10 MB that are read. No row was accepted for want of it: the destination finds the refused rows in its other way, usually by sending the batch again in halves. Where it happens again and again, look at what the message names: a firewall in front of that host, or `requests: { retry: { deadline } }` of the destination.",
  },
  E821: {
    title: "A replacement of the target broke off, or did not begin",
    text: "The sync replaces the whole target in one session of several requests (`audience_writes: replace`). One of them was refused or not answered, or the platform still works on an earlier session, as Meta does for up to 90 minutes after one that was broken off. A session that broke off may leave only those there who had arrived, so nobody counts as sent, and the next run offers everybody again; until the destination's `late` is over (24 hours for Meta) every run does, since a lost request might still arrive. In a session no row can be set apart: where a request is refused for what is in it, mend the rows or fields that the platform's words name, or choose `audience_writes: changes`, which finds the refused rows one by one.",
  },
  E830: {
    title: "A package that this destination needs is not installed",
    text: "Packages that only some destinations need (`pg`, `ssh2-sftp-client`) are not installed with millrace, so that nobody carries them in vain. The hint has the line that installs it, in the project or beside a global millrace.",
  },
  E831: {
    title: "The server's host key is not the pinned one",
    text: "The SFTP server showed another key than the `host_key` of the destination's config, as it would if somebody stood in between. Nothing was sent, no password either. Ask the server's owner for the fingerprint (`ssh-keygen -lf` on the server's public key); a key that was changed on purpose is set as `host_key`, during a change both as a list.",
  },
  ...runCodes,
  ...warehouseCodes,
  ...snowflakeCodes,
};
