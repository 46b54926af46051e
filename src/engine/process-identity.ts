import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { ProcessIdentity } from "../ledger/liveness.ts";

/** This process as the lock describes it; on systems without /proc nothing can be proved and only leases count. */
export function processIdentity(): ProcessIdentity {
  const stat = orEmpty(() => readFileSync("/proc/self/stat", "latin1"));
  return {
    host: hostname(),
    pid: process.pid,
    pidNamespace: orEmpty(() => readlinkSync("/proc/self/ns/pid")).replaceAll(/\D/g, ""),
    bootId: orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")).trim(),
    processStart: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "",
  };
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
