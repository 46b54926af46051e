import { givenRows } from "./given-rows.ts";
import { reading } from "./reading.ts";
import { statements } from "./statements.ts";
import type { Operation } from "./subject.ts";
import { texts } from "./texts.ts";

/** What every warehouse does, whole values compared; exceptions of emulators are listed where they are run. */
export const operations: readonly Operation[] = [...statements, ...reading, ...texts, ...givenRows];
