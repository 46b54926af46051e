import { describe, expect, it } from "vitest";
import { createLimiter } from "../../src/engine/limiter.ts";
import { virtualClock } from "./virtual-clock.ts";

describe("limiter", () => {
  it("lets no window hold more than its requests, and none wait longer than needed", async () => {
    const clock = virtualClock();
    const limiter = createLimiter(clock, { rate: { requests: 3, perSeconds: 2 }, concurrency: 99 });
    const times: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const release = await limiter.acquire();
      times.push(clock.monotonic());
      await clock.sleep(100);
      release();
    }
    expect(times).toEqual([0, 100, 200, 2000, 2100, 2200, 4000, 4100, 4200, 6000]);
  });

  it("keeps at most `concurrency` under way, first come, first served", async () => {
    const clock = virtualClock();
    const limiter = createLimiter(clock, { concurrency: 2 });
    let running = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 7 }, async (_, n) => {
        const release = await limiter.acquire();
        order.push(n);
        most = Math.max(most, (running += 1));
        await clock.sleep(10);
        running -= 1;
        release();
        release();
      }),
    );
    expect({ most, order }).toEqual({ most: 2, order: [0, 1, 2, 3, 4, 5, 6] });
  });

  it("holds everybody back while paused", async () => {
    const clock = virtualClock();
    const limiter = createLimiter(clock, {});
    limiter.pause(5000);
    limiter.pause(1000);
    await limiter.acquire();
    expect(clock.monotonic()).toBe(5000);
  });

  it("an aborted waiter leaves the queue to the others", async () => {
    const clock = virtualClock();
    const limiter = createLimiter(clock, { concurrency: 1 });
    const release = await limiter.acquire();
    const stop = new AbortController();
    const gone = limiter.acquire(stop.signal);
    const next = limiter.acquire();
    stop.abort(new Error("stopped"));
    await expect(gone).rejects.toThrow("stopped");
    release();
    (await next)();
  });
});
