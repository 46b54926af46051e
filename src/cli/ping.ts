/** Pings of a cron monitor (https://healthchecks.io/docs/http_api/): URL/start, then URL/<exit code> with a summary. */
import { randomUUID } from "node:crypto";

const timeoutMs = 10_000;

export interface Ping {
  start(): Promise<void>;
  end(exit: number, summary: string): Promise<void>;
}

/** `warn` is told what went wrong; a ping never fails the run. */
export function ping(url: string, warn: (message: string) => void): Ping {
  const id = randomUUID();
  const send = async (ending: string, body: string): Promise<void> => {
    try {
      const target = new URL(url);
      target.pathname = `${target.pathname.replace(/\/$/, "")}/${ending}`;
      target.searchParams.set("rid", id);
      const answer = await fetch(target, { method: "POST", body, signal: AbortSignal.timeout(timeoutMs) });
      if (!answer.ok) warn(`--ping was answered ${answer.status}`);
    } catch (error) {
      warn(`--ping did not get through: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return { start: () => send("start", ""), end: (exit, summary) => send(String(exit), summary.slice(0, 10_000)) };
}
