/** `status` as text: what is healthy, late, paused, failing. */
import type { StatusDocument, SyncState, SyncStatus } from "../../engine/api.ts";
import { count, growth, minute, relative, sparkline } from "../figures.ts";
import { table } from "../table.ts";
import type { Colour, Paint } from "../terminal.ts";

const marks: Readonly<Record<SyncState, readonly [string, Colour]>> = {
  ok: ["✔ ok", "green"],
  warning: ["▲ warning", "yellow"],
  failed: ["✘ failed", "red"],
  paused: ["‖ paused", "dim"],
  late: ["▲ late", "yellow"],
  never: ["○ never run", "dim"],
};

export function statusText(status: StatusDocument, paint: Paint): string {
  const now = Date.parse(status.at);
  const git = status.git === null ? "no git" : `git ${status.git.sha.slice(0, 7)}`;
  const last =
    status.last_run === null
      ? "no run yet"
      : `last run ${status.last_run.run_id} ${relative(status.last_run.finished_at, now)}, ${status.last_run.status}`;
  const [head = "", ...lines] = table(
    [
      { title: "sync" },
      { title: "state" },
      { title: "last ok" },
      { title: "next" },
      { title: "people", align: "right" },
      { title: "7 days" },
      { title: "rejected", align: "right" },
      { title: "at the platform" },
    ],
    status.syncs.map((sync) => [
      `${sync.source} -> ${sync.destination}`,
      marks[sync.state][0],
      relative(sync.last_ok_at, now),
      relative(sync.next_at, now),
      sync.people === null ? "-" : count(sync.people),
      week(sync),
      count(sync.rejected),
      platform(sync),
    ]),
    "  ",
  );
  const coloured = lines.map((line, index) => {
    const [mark, colour] = marks[status.syncs[index]!.state];
    return line.replace(mark, () => paint(colour, mark));
  });
  const body = status.syncs.length === 0 ? ["  no syncs"] : [paint("bold", head), ...coloured];
  return [
    `${status.environment} · ${minute(status.at)} · ${git} · ${last}`,
    "",
    ...body,
    ...status.syncs.flatMap((sync) => trouble(sync, paint)),
  ].join("\n");
}

function week(sync: SyncStatus): string {
  const known = sync.people_7d.filter((people) => people !== null);
  if (known.length === 0) return "";
  const change = known.length < 2 ? "" : growth(known[0]!, known.at(-1)!);
  return `${sparkline(sync.people_7d)}  ${change}`.trimEnd();
}

/** `18,000–19,000, 78 % known`. */
function platform({ remote }: SyncStatus): string {
  if (remote === null) return "";
  const { size_low: low, size_high: high, match_rate: rate } = remote;
  const ends = [low, high].filter((end) => end !== null);
  const size = [...new Set(ends)].map(count).join("–");
  return [size, rate === null ? "" : `${Math.round(rate * 100)} % known`].filter(Boolean).join(", ");
}

function trouble(sync: SyncStatus, paint: Paint): readonly string[] {
  if (sync.error === null) return [];
  return [
    "",
    `${paint("red", "✘")} ${sync.sync}: ${sync.error}`,
    `    millrace doctor --destination ${sync.destination}     then     millrace retry ${sync.sync}`,
  ];
}
