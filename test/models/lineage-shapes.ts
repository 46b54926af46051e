/** Shapes of SQL and what each column of them is read from; `$people` is a source table. */

/** All is known. */
export const shapes: Readonly<Record<string, readonly [sql: string, lineage: string]>> = {
  plain: ["select id, lower(email) as email from $people", "id < people.id, email < people.email"],
  alias: ['select p.id as "Weird Name", p."email" as e from $people as p', "Weird Name < people.id, e < people.email"],
  unaliasedTable: ["select people.email from $people", "email < people.email"],
  cased: ["select EMAIL, Id from $people", "EMAIL < people.email, Id < people.id"],
  star: [
    "select * from $people",
    "id < people.id, email < people.email, name < people.name, country < people.country, manager < people.manager, tags < people.tags",
  ],
  starJoin: [
    "select p.*, o.amount from $people p join $orders o on o.customer_id = p.id",
    "id < people.id, email < people.email, name < people.name, country < people.country, manager < people.manager, tags < people.tags, amount < orders.amount | join orders.customer_id, join people.id",
  ],
  starAll: [
    "select * from $people p join $orders o on o.customer_id = p.id",
    "id < people.id, email < people.email, name < people.name, country < people.country, manager < people.manager, tags < people.tags, order_id < orders.order_id, customer_id < orders.customer_id, amount < orders.amount, status < orders.status, placed < orders.placed | join orders.customer_id, join people.id",
  ],
  exclude: [
    "select * exclude (email, tags) from $people",
    "id < people.id, name < people.name, country < people.country, manager < people.manager",
  ],
  replace: [
    "select * replace (lower(name) as email) from $people",
    "id < people.id, email < people.name, name < people.name, country < people.country, manager < people.manager, tags < people.tags",
  ],
  rename: [
    "select * rename (email as mail) from $people",
    "id < people.id, mail < people.email, name < people.name, country < people.country, manager < people.manager, tags < people.tags",
  ],
  excludeThen: [
    "with a as (select * exclude (email), name as email from $people) select id, email from a",
    "id < people.id, email < people.name",
  ],
  using: [
    "select * from $people join (select customer_id as id, amount from $orders) o using (id)",
    "id < orders.customer_id people.id, email < people.email, name < people.name, country < people.country, manager < people.manager, tags < people.tags, amount < orders.amount | join orders.customer_id, join people.id",
  ],
  natural: [
    "select id, email, amount from $people natural join (select customer_id as id, amount from $orders) o",
    "id < orders.customer_id people.id, email < people.email, amount < orders.amount | join orders.customer_id, join people.id",
  ],
  cte: [
    "with a as (select id, email e from $people), b as (select id, upper(e) as f from a) select * from b",
    "id < people.id, f < people.email",
  ],
  cteCols: ["with a(x, y) as (select id, email from $people) select x, y from a", "x < people.id, y < people.email"],
  cteShadow: ["with people as (select id as email from $people) select email from people", "email < people.id"],
  cteNested: ["with a as (with b as (select id from $people) select * from b) select * from a", "id < people.id"],
  cteOver: [
    "with a as (select id from $people) select * from (with a as (select amount as id from $orders) select id from a) x",
    "id < orders.amount",
  ],
  unqualified: [
    "select email, amount from $people join $orders on customer_id = id",
    "email < people.email, amount < orders.amount | join orders.customer_id, join people.id",
  ],
  unknownOne: ["select page, upper(URL) as url from $visits", "page < visits.page, url < visits.URL"],
  window: [
    "select id, sum(id) over w as s from $people window w as (partition by country order by name)",
    "id < people.id, s < people.country people.id people.name",
  ],
  qualify: [
    "select id from $people qualify row_number() over (partition by email order by country) = 1",
    "id < people.id | filter people.country, filter people.email",
  ],
  union: [
    "select id, email from $people union all select customer_id, status from $orders",
    "id < orders.customer_id people.id, email < orders.status people.email",
  ],
  unionByName: [
    "select id, email from $people union all by name select status as email, customer_id as id from $orders",
    "id < orders.customer_id people.id, email < orders.status people.email",
  ],
  except: [
    "select id from $people except select customer_id from $orders",
    "id < people.id | filter orders.customer_id",
  ],
  except3: [
    "select id from $people except select customer_id from $orders except select manager from $people",
    "id < orders.customer_id people.id | filter orders.customer_id, filter people.manager",
  ],
  unionExcept: [
    "select id from $people union all (select order_id from $orders except select customer_id from $orders)",
    "id < orders.customer_id orders.order_id people.id | filter orders.customer_id",
  ],
  exceptCte: [
    "with a as (select id from $people except select customer_id from $orders) select id from a",
    "id < orders.customer_id people.id | filter orders.customer_id",
  ],
  intersect: [
    "select id from $people intersect select customer_id from $orders",
    "id < people.id | filter orders.customer_id",
  ],
  scalar: [
    "select id, (select max(amount) from $orders o where o.customer_id = p.id) as most from $people p",
    "id < people.id, most < orders.amount | filter orders.customer_id, filter people.id",
  ],
  exists: [
    "select id from $people p where exists (select 1 from $orders o where o.customer_id = p.id and o.status = 'paid')",
    "id < people.id | filter orders.customer_id, filter orders.status, filter people.id",
  ],
  in: [
    "select id from $people where id in (select customer_id from $orders where amount > 5)",
    "id < people.id | filter orders.amount, filter orders.customer_id, filter people.id",
  ],
  anti: [
    "select p.id from $people p anti join $orders o on o.customer_id = p.id",
    "id < people.id | join orders.customer_id, join people.id",
  ],
  semi: [
    "select id from $people semi join $orders on customer_id = id",
    "id < people.id | join orders.customer_id, join people.id",
  ],
  case: [
    "select case when country = 'FR' then email else name end as k from $people",
    "k < people.country people.email people.name",
  ],
  agg: [
    "select customer_id, count(*) as n, sum(amount) filter (where status = 'paid') as paid, arg_max(status, placed) as last from $orders group by all",
    "customer_id < orders.customer_id, n < -, paid < orders.amount orders.status, last < orders.placed orders.status | filter orders.status",
  ],
  having: [
    "select customer_id from $orders group by 1 having min(placed) > '2026-01-01'",
    "customer_id < orders.customer_id | filter orders.placed, group orders.customer_id",
  ],
  lateral: [
    "select amount * 2 as double, double + 1 as more from $orders",
    "double < orders.amount, more < orders.amount",
  ],
  columnBeforeAlias: ["select amount as status, status as y from $orders", "status < orders.amount, y < orders.status"],
  columnBeforeAliasUnknown: [
    "select lower(trim(page)) as page, page as raw from $visits",
    "page < visits.page, raw < visits.page",
  ],
  aliasOfItself: [
    "select lower(trim(email)) as email, email || '!' as raw from $people",
    "email < people.email, raw < people.email",
  ],
  columnBeforeAliasInCte: [
    "with a as (select amount as status, status as y from $orders) select y from a",
    "y < orders.status",
  ],
  structCte: [
    "with a as (select {'a': id, 'b': email} as s from $people) select a.s.b as b from a",
    "b < people.email people.id",
  ],
  lambda: [
    "select list_transform([id], x -> x + manager) as l, [y * 2 for y in [id]] as m from $people",
    "l < people.id people.manager, m < people.id",
  ],
  lambdaUnknown: ["select [y * 2 for y in things] as m from $visits", "m < visits.things"],
  unnest: ["select id, unnest([email, name]) as u from $people", "id < people.id, u < people.email people.name"],
  unnestFrom: ["select p.id, u.x from $people p, unnest([p.email]) as u(x)", "id < people.id, x < people.email"],
  fromFirst: ["from $people select id, email", "id < people.id, email < people.email"],
  fromOnly: [
    "from $people",
    "id < people.id, email < people.email, name < people.name, country < people.country, manager < people.manager, tags < people.tags",
  ],
  range: ["select g.n, p.id from range(10) g(n) cross join $people p", "n < -, id < people.id"],
  cast: ["select id::varchar as id, try_cast(country as int) c from $people", "id < people.id, c < people.country"],
  unnamed: ["select lower(email), id + 1, count(*) as n from $people group by all", "n < -"],
  distincton: [
    "select distinct on (email) id from $people order by email, country",
    "id < people.id | order people.country, order people.email",
  ],
  limit: ["select id from $people order by name limit 2", "id < people.id | order people.name"],
  dup: ["select p.id, o.customer_id as id from $people p join $orders o on true", "id < people.id"],
  selfjoin: [
    "select a.email, b.email as boss from $people a join $people b on a.manager = b.id",
    "email < people.email, boss < people.email | join people.id, join people.manager",
  ],
  subalias: ["select t.y from (select id, email from $people) t(x, y)", "y < people.email"],
  subUnnamed: ["select * from (select id, email from $people)", "id < people.id, email < people.email"],
  subUnnamed2: [
    "select id, upper(email) as e from (select id, email from $people) where id > 1",
    "id < people.id, e < people.email | filter people.id",
  ],
  asof: [
    "select p.id, o.amount from $people p asof join $orders o on o.customer_id = p.id and o.placed <= p.country",
    "id < people.id, amount < orders.amount | join orders.customer_id, join orders.placed, join people.country, join people.id",
  ],
  semicolon: ["select id from $people;", "id < people.id"],
  groupAlias: [
    "select country as c, count(*) as n from $people group by c",
    "c < people.country, n < - | group people.country",
  ],
  constant: ["select 1 as one, 2 as t, id from $people", "one < -, t < -, id < people.id"],
  lateralJoin: [
    "select p.id, x.m from $people p, lateral (select max(o.amount) as m from $orders o where o.customer_id = p.id) x",
    "id < people.id, m < orders.amount | filter orders.customer_id, filter people.id",
  ],
  interval: [
    "select id, date_trunc('day', cast(o.placed as timestamp)) - interval 90 days as d from $people p join $orders o on o.customer_id = p.id",
    "id < people.id, d < orders.placed | join orders.customer_id, join people.id",
  ],
  correlatedUnqualified: [
    "select id, (select count(*) from $orders where customer_id = id) as n from $people",
    "id < people.id, n < orders.customer_id people.id | filter orders.customer_id, filter people.id",
  ],
  filterCol: [
    "select count(*) filter (where country = 'FR') as n from $people",
    "n < people.country | filter people.country",
  ],
  nothingSel: ["select 1 as x", "x < -"],
  windowNamed: [
    "select id, lag(name, 1, 'x') over (order by country) as l from $people",
    "id < people.id, l < people.country people.name",
  ],
  ifs: [
    "select coalesce(o.amount, 0) as amount, nullif(trim(p.name), '') as name from $people p left join $orders o on o.customer_id = p.id",
    "amount < orders.amount, name < people.name | join orders.customer_id, join people.id",
  ],
  fullUsing: [
    "select id, amount from $people full join (select customer_id as id, amount from $orders) o using (id)",
    "id < orders.customer_id people.id, amount < orders.amount | join orders.customer_id, join people.id",
  ],
  values: [
    "select t.name, p.id from (values (1, 'a'), (2, 'b')) t(id, name) join $people p on p.id = t.id",
    "name < -, id < people.id | join people.id",
  ],
  listed: ["select id, upper(page) as page from $listed", "id < listed.id, page < listed.page"],
  comment: ["select id -- ; hi\nfrom $people -- end", "id < people.id"],
  unknownCte: ["with a as (select * from $visits) select x, y as z from a", "x < visits.x, z < visits.y"],
  counted: [
    "select p.id, coalesce(o.n, 0) as n, o.k from $people p left join (select customer_id, count(*) as n, 1 as k from $orders group by 1) o on o.customer_id = p.id",
    "id < people.id, n < -, k < - | group orders.customer_id, join orders.customer_id, join people.id",
  ],
  countedInCte: [
    "with c as (select customer_id, count(*) as n from $orders group by 1), d as (select c.n, customer_id from c) select y.n, y.customer_id from (select * from d) as y",
    "n < -, customer_id < orders.customer_id | group orders.customer_id",
  ],
  computedInCte: [
    "with c as (select 1 as n, id from $people), d as (select n + id as n from c) select n from d",
    "n < people.id",
  ],
  countedUnion: ["with c as (select 1 as n union all select amount from $orders) select n from c", "n < orders.amount"],
  countedMore: [
    "with c as (select customer_id, count(*) as n from $orders group by 1) select n + 1 as m from (select n + 1 as n from c) as x",
    "m < - | group orders.customer_id",
  ],
};

/** Some is not. */
export const doubtful: Readonly<Record<string, readonly [sql: string, lineage: string, ...doubts: string[]]>> = {
  columnsF: ["select columns('e.*') from $people", "…", "its * or COLUMNS() cannot be written out"],
  unqualifiedUnknown: [
    "select email, page from $people p join $visits v on v.customer_id = p.id",
    "email < people.email, page < ? | join people.id, join visits.customer_id",
    'the parser cannot tell what "page" read',
  ],
  unknownStar: ["select * from $visits", "…", "* of source:shop.visits, whose columns are not all known"],
  unknownStar2: [
    "select p.id, v.* from $people p join $visits v on v.customer_id = p.id",
    "id < people.id, … | join people.id, join visits.customer_id",
    "* of source:shop.visits, whose columns are not all known",
  ],
  gone: ["select p.nope from $people p", "nope < ?", 'the parser cannot tell what "nope" read'],
  columnOrAlias: [
    "select lower(url) as page, page as raw from $visits",
    "page < ?, raw < ?",
    '"page" may be a column or the alias beside it',
  ],
  struct: [
    "select {'a': id, 'b': email} as s, s.a as a from $people",
    "s < people.email people.id, a < ?",
    'the parser cannot tell what "a" read',
  ],
  recursive: [
    "with recursive r as (select id, manager, 1 as n from $people union all select p.id, p.manager, n + 1 from $people p join r on r.manager = p.id where n < 3) select id, n from r",
    "id < people.id, n < ? | join people.id, join people.manager",
    'the parser cannot tell what "n" read',
    "the parser cannot tell all that its joins and filters read",
  ],
  whole: ["select p from $people p", "p < ?", 'the parser cannot tell what "p" read'],
  wholeUnknown: ["select v from $visits v", "v < ?", 'the parser cannot tell what "v" read'],
  pivot: [
    "select * from (pivot $orders on status using sum(amount) group by customer_id)",
    "…",
    "DuckDB does not parse it: Only SELECT statements can be serialized to json!",
  ],
  pivotStd: ["select * from $orders pivot (sum(amount) for status in ('paid','open'))", "…", "PIVOT is not read"],
  unpivot: ["select * from $people unpivot (v for n in (email, name))", "…", "PIVOT is not read"],
  positional: ["select #1 as x from $people", "x < ?", 'the parser cannot tell what "x" read'],
  starListed: [
    "select * from $listed l join $orders o on o.customer_id = l.id",
    "id < listed.id, page < listed.page, order_id < orders.order_id, customer_id < orders.customer_id, amount < orders.amount, status < orders.status, placed < orders.placed, … | join listed.id, join orders.customer_id",
    "* of source:shop.listed, whose columns are not all known",
  ],
  columnOrAliasInCte: [
    "with a as (select lower(url) as page, page as raw from $visits) select raw from a",
    "raw < ?",
    '"page" may be a column or the alias beside it',
  ],
  broken: ["select from where", "…", 'DuckDB does not parse it: syntax error at or near "where"'],
};
