/** Files below target/: each names its schema, when, by what and for which state of the project it was made. */
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { GitInfo } from "../core.ts";
import { safeJson } from "./safe-text.ts";

export interface ArtifactHead {
  readonly generated_at: string;
  readonly millrace_version: string;
  readonly environment: string;
  readonly git: GitInfo | null;
  readonly invocation_id: string;
  readonly command: string;
}

/** The head that all artifacts of one command share. */
export function artifactHead(
  from: Omit<ArtifactHead, "generated_at" | "invocation_id"> & { readonly now: number },
): ArtifactHead {
  const { now, ...head } = from;
  return { ...head, generated_at: new Date(now).toISOString(), invocation_id: randomUUID() };
}

/** Writes beside and renames; folders are 0700 and files 0600 unless `mode` says otherwise. */
export async function writeArtifact(path: string, content: string, mode: number = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(beside, content, { mode });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** One JSON document with its schema and head. */
export async function writeDocument(
  target: string,
  name: string,
  schema: string,
  head: ArtifactHead,
  body: object,
  masked: (text: string) => string,
): Promise<void> {
  await writeArtifact(join(target, name), masked(`${safeJson({ schema, ...head, ...body })}\n`));
}

/** One entry of run_results.json. */
export interface NodeResult {
  readonly unique_id: string;
  readonly status: string;
  readonly timing_ms: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly message: string;
  readonly code: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** A name as part of a path: letters, digits, dot, dash and underscore; everything else becomes `_`. */
export function fileName(name: string): string {
  return (
    name
      .replaceAll(/[^\w.-]+/g, "_")
      .replaceAll(/^[.]+|_+$/g, "")
      .slice(0, 150) || "_"
  );
}
