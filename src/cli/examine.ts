/** doctor: each thing a run needs, looked at on its own, so that one that is broken hides no other. */
import { access, constants } from "node:fs/promises";
import type { z } from "zod";
import { failure, MillraceError } from "../errors.ts";
import type { Project } from "../project/project.ts";
import { integerOrNull } from "../warehouse/row.ts";
import type { CommandContext } from "./command.ts";
import { engineOptions, loadEngine } from "./engine.ts";
import { amount } from "./figures.ts";
import { readGit } from "./git.ts";
import type { doctorSchema } from "./schemas/world.ts";
import { type OpenProject, openProject, readProject } from "./session.ts";
import { pad } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { usage } from "./usage.ts";

type DoctorDocument = z.output<typeof doctorSchema>;
type Check = DoctorDocument["checks"][number];

const leastNode = [20, 19] as const;

/** A clock further off than this dates runs wrongly. */
const clockOffMs = 60_000;

export async function examine(context: CommandContext, destinations: readonly string[]): Promise<DoctorDocument> {
  const checks: Check[] = [checkNode(), checkVersions(context)];
  const loaded = await readProject(context, { loadCode: true });
  checks.push(await checkProject(loaded));
  const { project } = loaded;
  if (project !== null) {
    const opened = await openProject(context);
    const names = await wantedDestinations(project, destinations);
    if (destinations.length === 0)
      checks.push(
        await checkFolder(project),
        await checkLock(context, opened),
        await checkWarehouse(context, opened),
        ...(await checkDbt(context, opened)),
        ...(await checkLedger(context, opened)),
      );
    for (const name of names) checks.push(await checkDestination(context, opened, name));
  }
  return {
    schema: "millrace/doctor/v1",
    environment: project?.environment.name ?? null,
    ok: checks.every((one) => one.status !== "failed"),
    checks,
  };
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return check("node", fits ? "ok" : "failed", `${process.version} (needs >= ${leastNode.join(".")})`);
}

function checkVersions({ version }: CommandContext): Check {
  return check("versions", "ok", `millrace ${version}, ${process.platform} ${process.arch}`);
}

/** The ledger's layout, and whether a run lies in the future: then this clock, or the other machine's, is wrong. */
async function checkLedger(context: CommandContext, opened: OpenProject): Promise<readonly Check[]> {
  let newest: number | null = null;
  const ledger = await told("ledger", async () => {
    const { withLedger } = await import("../engine/open-ledger.ts");
    const { ledgerVersion } = await import("../ledger/tables.ts");
    const options = await engineOptions(context, opened);
    return withLedger(options, "read", async ({ tables, states, ledger: place, warehouse }) => {
      const schema = `schema "${place.schema.at(-1)}"`;
      if (!tables.includes("meta")) return check("ledger", "ok", `${schema} is not there yet: the first sync makes it`);
      const { sharedTable } = await import("../ledger/tables.ts");
      const [row] = await warehouse.rows(`SELECT max(finished_at) AS newest FROM ${sharedTable(place, "runs")}`);
      newest = integerOrNull(row, "newest");
      return check("ledger", "ok", `${schema}, layout ${ledgerVersion}, ${amount(states.size, "sync")} known`);
    });
  });
  return [ledger, checkClock(context.now(), newest)];
}

function checkClock(now: number, newest: number | null): Check {
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  if (newest === null || newest - now < clockOffMs) return check("clock", "ok", time);
  return check(
    "clock",
    "failed",
    `${time}, but the newest run ended ${new Date(newest).toISOString().slice(0, 19)}Z`,
    "set this machine's clock, or that of the machine that made the run: cooldowns and schedules are counted from it",
  );
}

async function checkProject(loaded: Awaited<ReturnType<typeof readProject>>): Promise<Check> {
  const errors = loaded.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if (loaded.root === null) return check("project", "failed", errors[0]?.message ?? "no project here", errors[0]?.hint);
  const git = await readGit(loaded.root);
  const state = git === null ? "not in git" : `git ${git.dirty ? "with changes" : "clean"} on ${git.branch}`;
  if (errors.length > 0)
    return check(
      "project",
      "failed",
      `${amount(errors.length, "error")}: ${errors[0]!.code} ${errors[0]!.message}`,
      "millrace validate",
    );
  return check("project", "ok", `millrace.yml valid, ${amount(loaded.files, "file")}, ${state}`);
}

async function checkFolder(project: Project): Promise<Check> {
  try {
    await access(project.root, constants.R_OK | constants.W_OK);
    return check("folder", "ok", "the project's folder can be written (.millrace/, target/)");
  } catch {
    return check(
      "folder",
      "failed",
      "the project's folder cannot be written",
      ".millrace/ holds the ledger and target/ the reports",
    );
  }
}

async function checkLock(context: CommandContext, opened: OpenProject): Promise<Check> {
  return told("lock", async () => {
    const held = await (await loadEngine()).lockInfo(await engineOptions(context, opened));
    if (held === null) return check("lock", "ok", "free");
    return check(
      "lock",
      "warning",
      `held by run ${held.run_id} (${held.holder}) since ${held.since}`,
      `if that machine is gone: millrace state unlock ${held.run_id}`,
    );
  });
}

async function checkWarehouse(context: CommandContext, opened: OpenProject): Promise<Check> {
  return told("warehouse", async () => {
    const started = context.now();
    const { openSession } = await import("../models/session.ts");
    const session = await openSession(opened.project, { write: false, env: context.env });
    try {
      await session.warehouse.rows("select 1 as one");
    } finally {
      await session.close();
    }
    return check(
      "warehouse",
      "ok",
      `${opened.project.environment.warehouse.type}, read ok, ${((context.now() - started) / 1000).toFixed(1)} s`,
    );
  });
}

async function checkDbt(context: CommandContext, { project }: OpenProject): Promise<readonly Check[]> {
  const { dbt } = project;
  if (dbt === undefined) return [];
  const found = await told("dbt", async () => {
    const { examineDbt } = await import("./examine-dbt.ts");
    const { status, message, hint } = await examineDbt(project, dbt, { now: context.now(), env: context.env });
    return check("dbt", status, message, hint);
  });
  return [found];
}

async function checkDestination(context: CommandContext, opened: OpenProject, name: string): Promise<Check> {
  if (opened.project.destinations.get(name)?.outbox === true)
    return check(name, "ok", "writes files in this environment; nothing real is called");
  return told(name, async () => {
    const found = await (
      await loadEngine()
    ).checkDestination({ ...(await engineOptions(context, opened)), destination: name });
    const bad = found.filter((one) => !one.ok);
    const words = (bad.length > 0 ? bad : found).map((one) => one.message).join("; ");
    return check(name, bad.length > 0 ? "failed" : "ok", words === "" ? "ok" : words);
  });
}

async function wantedDestinations(project: Project, names: readonly string[]): Promise<readonly string[]> {
  for (const name of names) {
    if (project.destinations.has(name)) continue;
    const { didYouMean } = await import("../project/suggest.ts");
    throw usage(
      `no destination is called ${JSON.stringify(name)}`,
      didYouMean(name, project.destinations.keys(), "destinations here"),
      "E020",
    );
  }
  return names.length > 0 ? names : [...project.destinations.keys()];
}

/** A failure a user can mend is the check's finding; anything else is a bug and goes on. */
async function told(name: string, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const first = error.diagnostics[0] ?? failure("E070", error.message).diagnostics[0]!;
    return check(name, "failed", `${first.code}: ${first.message}`, first.hint);
  }
}

function check(name: string, status: Check["status"], message: string, hint?: string): Check {
  return { name, status, message, hint: hint ?? null };
}

const marks = { ok: ["✔", "green"], warning: ["▲", "yellow"], failed: ["✘", "red"] } as const;

export function doctorText(document: DoctorDocument, paint: Paint): string {
  const cells = Math.max(...document.checks.map((one) => one.name.length), 12);
  const lines = document.checks.flatMap((one) => {
    const [mark, colour] = marks[one.status];
    const hint = one.hint === null ? [] : [`${" ".repeat(cells + 4)}${one.hint}`];
    return [`${paint(colour, mark)} ${pad(one.name, cells)}  ${one.message}`, ...hint];
  });
  return lines.join("\n");
}
