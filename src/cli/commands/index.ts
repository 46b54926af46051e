import type { Command } from "../command.ts";
import { compile } from "./compile.ts";
import { complete } from "./complete.ts";
import { completion } from "./completion.ts";
import { dbt } from "./dbt.ts";
import { destinations } from "./destinations.ts";
import { doctor } from "./doctor.ts";
import { explain } from "./explain.ts";
import { grants } from "./grants.ts";
import { init } from "./init.ts";
import { lineage } from "./lineage.ts";
import { ls } from "./ls.ts";
import { overlap } from "./overlap.ts";
import { pause } from "./pause.ts";
import { plan } from "./plan.ts";
import { resolve } from "./resolve.ts";
import { resume } from "./resume.ts";
import { retry } from "./retry.ts";
import { runs } from "./runs.ts";
import { schema } from "./schema.ts";
import { show } from "./show.ts";
import { state } from "./state.ts";
import { status } from "./status.ts";
import { sync } from "./sync.ts";
import { test } from "./test.ts";
import { validate } from "./validate.ts";

/** Every command, in the order of `millrace --help`. A new one is a file and a line here. */
export const commands: readonly Command[] = [
  init,
  doctor,
  grants,
  validate,
  show,
  test,
  ls,
  plan,
  sync,
  retry,
  status,
  runs,
  explain,
  lineage,
  overlap,
  destinations,
  compile,
  schema,
  dbt,
  pause,
  resume,
  resolve,
  state,
  completion,
  complete,
];
