import { describe, expect, it } from "vitest";
import { Breaker } from "../../src/engine/breaker.ts";
import { virtualClock } from "./virtual-clock.ts";

function opened(): { breaker: Breaker; clock: ReturnType<typeof virtualClock> } {
  const clock = virtualClock();
  const breaker = new Breaker(clock);
  const opening = Array.from({ length: 10 }, () => breaker.failure());
  expect(opening).toEqual([...Array.from({ length: 9 }, () => false), true]);
  return { breaker, clock };
}

describe("breaker", () => {
  it("opens after ten failures in a row, not after nine and a success", () => {
    const breaker = new Breaker(virtualClock());
    for (let n = 0; n < 30; n += 1) {
      if (n % 10 === 9) breaker.success();
      else breaker.failure();
    }
    expect(breaker.admit()).toEqual({ status: "go" });
    expect(opened().breaker.admit()).toEqual({ status: "wait", ms: 10_000 });
  });

  it("lets one probe through after its rest and closes when that succeeds", async () => {
    const { breaker, clock } = opened();
    await clock.sleep(10_000);
    expect([breaker.admit(), breaker.admit()]).toEqual([{ status: "go" }, { status: "wait", ms: 500 }]);
    breaker.success();
    expect([breaker.admit(), breaker.admit()]).toEqual([{ status: "go" }, { status: "go" }]);
  });

  it("rests longer after each failed probe and gives up after the fifth", async () => {
    const { breaker, clock } = opened();
    const rests: number[] = [];
    for (let admission = breaker.admit(); admission.status !== "broken"; admission = breaker.admit()) {
      if (admission.status === "wait") {
        rests.push(admission.ms);
        await clock.sleep(admission.ms);
      } else breaker.failure();
    }
    expect(rests).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it("an abandoned probe leaves its place to the next", async () => {
    const { breaker, clock } = opened();
    await clock.sleep(10_000);
    breaker.admit();
    breaker.abandon();
    expect(breaker.admit()).toEqual({ status: "go" });
  });
});
