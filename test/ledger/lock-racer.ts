/** A process that takes the lock named by argv, says so, and behaves as told: `race` (many short turns) or `hold`. */
import { appendFileSync } from "node:fs";
import { nodePorts } from "../../src/engine/node-ports.ts";
import { processIdentity } from "../../src/engine/process-identity.ts";
import { acquireLock } from "../../src/ledger/lock.ts";

const [, , what, path = "", log = "", name = ""] = process.argv;
const ports = nodePorts();
const options = {
  ...processIdentity(),
  holder: name,
  command: "test",
  leaseMs: 400,
  requestDeadlineMs: 100,
  lastFence: 0,
  waitMs: 20_000,
};

if (what === "race") {
  for (let turn = 0; turn < 100; turn += 1) {
    const lock = await acquireLock(ports, path, { ...options, leaseMs: 20_000, runId: `${name}-${turn}` });
    appendFileSync(log, `+${name}\n`);
    await lock.setHorizon("s", "p", turn);
    appendFileSync(log, `-${name}\n`);
    await lock.release();
  }
} else {
  const lock = await acquireLock(ports, path, { ...options, runId: name });
  await lock.setHorizon("s", "p1", 100);
  process.stdout.write(`held ${lock.fence}\n`);
  process.stdin.once("data", async () => {
    const words = [lock.mustStop() ? "must stop" : "may send"];
    words.push(
      await lock.setHorizon("s", "p1", 200).then(
        () => "granted",
        (error: Error) => error.message.slice(0, 4),
      ),
    );
    words.push(
      await lock.assertHeld().then(
        () => "held",
        (error: Error) => error.message.slice(0, 4),
      ),
    );
    process.stdout.write(`${words.join(", ")}\n`);
    process.exit();
  });
}
