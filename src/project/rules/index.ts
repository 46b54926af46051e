import { clockInSql } from "./clock-in-sql.ts";
import { cycles } from "./cycles.ts";
import { dbtStale } from "./dbt-stale.ts";
import { dbtUnusable } from "./dbt-unusable.ts";
import { duplicateNames } from "./duplicate-names.ts";
import { envVarList } from "./env-var-list.ts";
import { envVarSecret } from "./env-var-secret.ts";
import { fields } from "./fields.ts";
import { identifiers } from "./identifiers.ts";
import { libraryArguments } from "./library-arguments.ts";
import { libraryModelName } from "./library-model.ts";
import { literalSecret } from "./literal-secret.ts";
import { modeMatrix } from "./mode-matrix.ts";
import { negatedNull } from "./negated-null.ts";
import { noPurpose } from "./no-purpose.ts";
import { onLeave } from "./on-leave.ts";
import { otherModel } from "./other-model.ts";
import { paths } from "./paths.ts";
import { primaryKey } from "./primary-key.ts";
import { realDestinations } from "./real-destinations.ts";
import { remoteKeys } from "./remote-keys.ts";
import type { ValidationRule } from "./rule.ts";
import { sameRemote } from "./same-remote.ts";
import { schedule } from "./schedule.ts";
import { secretPlaces } from "./secret-places.ts";
import { snowflakePassword } from "./snowflake-password.ts";
import { templateErrors } from "./template-errors.ts";
import { unknownDestination } from "./unknown-destination.ts";
import { unknownObject } from "./unknown-object.ts";
import { unknownReference } from "./unknown-reference.ts";
import { unknownSource } from "./unknown-source.ts";
import { unknownVar } from "./unknown-var.ts";
import { unusedDestination } from "./unused-destination.ts";

/** Every rule, in no particular order: problems are sorted by place. */
export const rules: readonly ValidationRule[] = [
  unknownReference,
  unknownSource,
  libraryModelName,
  libraryArguments,
  unknownDestination,
  unknownObject,
  unknownVar,
  identifiers,
  modeMatrix,
  onLeave,
  fields,
  cycles,
  duplicateNames,
  sameRemote,
  remoteKeys,
  primaryKey,
  otherModel,
  templateErrors,
  schedule,
  envVarList,
  envVarSecret,
  literalSecret,
  secretPlaces,
  realDestinations,
  paths,
  dbtUnusable,
  dbtStale,
  unusedDestination,
  clockInSql,
  negatedNull,
  noPurpose,
  snowflakePassword,
];
