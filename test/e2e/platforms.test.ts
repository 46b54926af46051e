/** Every built-in platform through the real engine: what it holds after each run is compared with what it must hold. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunDocument, SyncedSync } from "../../src/core.ts";
import type { Fake } from "../fakes/server.ts";
import { writes, type Lab } from "./platforms/lab.ts";
import { ada, bo, crowd, cy, di, ed, first, flo, gil, rowOf, second, type Person } from "./platforms/people.ts";
import type { Platform } from "./platforms/platform.ts";
import { platforms, startPlatforms } from "./platforms/platforms.ts";

interface Place {
  readonly platform: Platform;
  readonly fake: Fake<any>;
}

let places: readonly Place[];
let lab: Lab;
const ever = new Map<number, Person>();

/** Platforms that share a project, and so a run. */
const together = 9;
const groups = Array.from({ length: Math.ceil(platforms.length / together) }, (_, index) => {
  const group = platforms.slice(index * together, (index + 1) * together);
  return { names: group.map(({ name }) => name).join(", "), group };
});

describe.each(groups)("$names", ({ group }) => {
  beforeEach(async () => {
    places = await Promise.all(group.map(async (platform) => ({ platform, fake: await platform.start() })));
    lab = await startPlatforms(places.map(({ platform, fake }) => ({ platform, url: fake.url })));
    ever.clear();
  });
  afterEach(async () => {
    await lab.close();
    for (const { fake } of places) await fake.close();
  });

  const each = <T>(value: (place: Place) => T): Record<string, T> =>
    Object.fromEntries(places.map((place) => [place.platform.name, value(place)]));

  /** Rewrites the seed and runs everything. */
  async function wanting(people: readonly Person[]): Promise<RunDocument> {
    for (const person of people) ever.set(person.id, person);
    await lab.seed("people", people.map(rowOf), ["id", "email", "phone", "name", "points"]);
    return (await lab.sync()).document;
  }

  const held = () => each(({ platform, fake }) => platform.held(fake));
  const desired = (people: readonly Person[]) => each(({ platform }) => platform.desired(people, [...ever.values()]));

  function told(document: RunDocument): Record<string, string> {
    return Object.fromEntries(document.syncs.map((report) => [report.sync, briefly(report)]));
  }
  /** `partial: 4 accepted, 1 rejected`; `failed E812: 5 unsent`. */
  function briefly({ status, outcomes, error }: SyncedSync): string {
    const counts = Object.entries(outcomes).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
    return `${status}${error === null ? "" : ` ${error.code}`}: ${counts.join(", ")}`;
  }

  async function runsQuietly(): Promise<void> {
    const before = new Map(places.map(({ fake }) => [fake, fake.requests.length]));
    const { document } = await lab.sync();
    expect(told(document)).toEqual(each(() => "unchanged: "));
    expect(each(({ fake }) => writes(fake, before.get(fake)))).toEqual(each(() => []));
  }

  it("fills platforms, stays quiet, and follows adds, updates, changed identifiers and removals", async () => {
    expect(told(await wanting(first))).toEqual(each(() => "ok: 5 accepted"));
    expect(held()).toEqual(desired(first));
    await runsQuietly();
    expect((await wanting(second)).syncs.map(({ status }) => status)).toEqual(group.map(() => "ok"));
    expect(held()).toEqual(desired(second));
    await runsQuietly();
    await wanting([]);
    expect(held()).toEqual(desired([]));
    await runsQuietly();
  });

  it("names refused rows, goes on without them, and sends them once they are taken", async () => {
    for (const { platform, fake } of places) platform.refuse(fake, bo);
    const document = await wanting(first);
    expect(told(document)).toEqual(each(() => "partial: 4 accepted, 1 rejected"));
    expect(held()).toEqual(each(({ platform }) => platform.desired([ada, cy, di, ed], [ada, cy, di, ed])));
    const rejected = await lab.rejected(document.run_id);
    expect(new Set(rejected.map(({ person }) => person)).size).toBe(1);
    expect(Object.fromEntries(rejected.map(({ sync, code, message }) => [sync, { code, message }]))).toEqual(
      each(({ platform }) => platform.refusal),
    );
    for (const { platform, fake } of places) platform.forgive(fake);
    lab.pass(25 * 3_600_000);
    await lab.sync();
    expect(held()).toEqual(desired(first));
    await runsQuietly();
  });

  it("finds the rows that spoil a whole request in k · log2(n) + 2k more requests", async () => {
    const people = crowd(64);
    const bad = [people[9]!, people[50]!];
    for (const { platform, fake } of places)
      fake.fail({ ...platform.spoilt, on: platform.writing, containing: bad.map(platform.mark), times: 999 });
    const document = await wanting(people);
    expect(told(document)).toEqual(each(() => "partial: 62 accepted, 2 rejected"));
    const good = people.filter((person) => !bad.includes(person));
    expect(held()).toEqual(each(({ platform }) => platform.desired(good, good)));
    for (const { platform, fake } of places) {
      const sent = writes(fake).filter((write) => write.includes(platform.writing.replace(/^POST /, "")));
      // Klaviyo profile by profile has no batches to halve.
      const most = platform.rowByRow === true ? 64 : 1 + 2 * Math.log2(64) + 2 * 2;
      expect({ [platform.name]: sent.length <= most }).toEqual({ [platform.name]: true });
    }
  });

  it("waits as long as it is asked to, and sits out a burst of errors", async () => {
    for (const { platform, fake } of places) {
      fake.fail({ on: platform.writing, status: 429, headers: { "retry-after": "7" } });
      fake.fail({ on: platform.writing, status: 500, times: 2 });
    }
    expect(told(await wanting(first))).toEqual(each(() => "ok: 5 accepted"));
    expect(held()).toEqual(desired(first));
    expect(lab.slept()).toBeGreaterThanOrEqual(7000);
    await runsQuietly();
  });

  it("fails one sync after another for a refused token or a target that is gone, while the others go on", async () => {
    await wanting(first);
    const fate = ["E812", "E811", null] as const;
    const fateOf = (place: Place) => fate[places.indexOf(place) % 3] ?? null;
    for (const place of places) {
      const { platform, fake } = place;
      const answer = fateOf(place) === "E812" ? { status: 401, body: {} } : platform.gone;
      if (fateOf(place) !== null) fake.fail({ ...answer, on: platform.writing, times: 99 });
    }
    for (const person of [flo, gil]) ever.set(person.id, person);
    await lab.seed("people", [...first, flo, gil].map(rowOf));
    const { document, exit } = await lab.sync();
    expect(exit).toBe(1);
    expect(told(document)).toEqual(
      each((place) => (fateOf(place) === null ? "ok: 2 accepted" : `failed ${fateOf(place)}: 2 unsent`)),
    );
    for (const { fake } of places) fake.heal();
    await lab.sync();
    expect(held()).toEqual(desired([...first, flo, gil]));
    await runsQuietly();
  });

  it("holds rows in doubt after broken answers and cut connections, and is right after the next run", async () => {
    await wanting(first);
    const faultOf = (index: number) => (index % 2 === 0 ? "broken" : "reset");
    for (const [index, { platform, fake }] of places.entries())
      fake.fail({ on: platform.writing, applied: faultOf(index), times: 4 });
    const document = await wanting([...first, flo]);
    expect(told(document)).toEqual(
      each((place) =>
        place.platform.trustsStatus === true && faultOf(places.indexOf(place)) === "broken"
          ? "ok: 1 accepted"
          : "partial: 1 unknown",
      ),
    );
    for (const { fake } of places) fake.heal();
    // The person leaves while nobody knows whether she was taken.
    await wanting(first);
    expect(held()).toEqual(desired(first));
    await runsQuietly();
  });
});
