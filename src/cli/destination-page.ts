/** A destination type as a page of Markdown: printed by `millrace destinations TYPE`, kept below docs/destinations. */
import type { TypeDocument } from "./describe-type.ts";

type ObjectDocument = TypeDocument["objects"][number];

const deliveries: Readonly<Record<ObjectDocument["delivery"], string>> = {
  set: "`set`: a repeat changes nothing, so a request that was never answered is sent again",
  keyed: "`keyed`: a request that was never answered is sent again under the same key, while the platform knows it",
  once: "`once`: a row whose request was never answered is held until `millrace resolve` says what became of it",
};
const identities: Readonly<Record<ObjectDocument["identify"], string>> = {
  key: "our own key",
  any: "any of its identifiers",
  all: "its identifiers together",
  each: "each of its identifiers by itself, one kind a request",
};

export function destinationPage(type: TypeDocument): string {
  const { guide, config, credentials, downloads, objects } = type;
  return [
    `# ${type.type}`,
    type.describe,
    `Vendor's documentation: <${type.docs}>`,
    ["```yaml", "# destinations/there.yml", ...example(type), "```"].join("\n"),
    ...(guide === null ? [] : ["## Credentials", guide.credentials]),
    ...(credentials.length === 0 ? [] : [keyTable("credentials", credentials)]),
    ...(type.asks_account ? [accountAsked] : []),
    "## Configuration",
    keyTable("config", config),
    ...objects.flatMap(objectSection),
    ...(guide === null ? [] : ["## Refused rows", guide.refused, ...filesAt(downloads), "## Erasure", guide.erasure]),
    "## How it was tested",
    "Against a fake platform on loopback, built from the vendor's documents, and requests against the vendor's own description where there is one. Not on the live service.",
  ].join("\n\n");
}

const accountAsked =
  "Whose account the credentials open is asked before anything is sent; if it is not the one that the ledger speaks of, nothing is (E524).";

const filesAt = (hosts: readonly string[]): readonly string[] =>
  hosts.length === 0
    ? []
    : [
        `Files are read, without credentials, at ${hosts.map((host) => `\`${host}\``).join(", ")}; at others only where \`download_hosts\` names them (E816).`,
      ];

/** What each object of all types is and does with a repeat, in one table. */
export function destinationsTable(types: readonly TypeDocument[]): string {
  const rows = types.flatMap(({ type, objects }) =>
    objects.map((one) => [
      `[${type}](${type}.md)`,
      one.object,
      one.kind,
      one.modes.join(", "),
      one.delivery + (one.keyed_for_hours === null ? "" : `, ${one.keyed_for_hours} h`),
      one.rows_per_request.toLocaleString("en-US"),
    ]),
  );
  return table(["type", "object", "kind", "modes", "delivery", "rows a request"], rows);
}

function example({ type, config, credentials }: TypeDocument): readonly string[] {
  const block = (name: string, keys: TypeDocument["config"], value: (key: string) => string): readonly string[] => {
    const needed = keys.filter(({ required }) => required);
    const shown = needed.length > 0 ? needed : keys.slice(0, name === "credentials" ? 1 : 0);
    return shown.length === 0 ? [] : [`${name}:`, ...shown.map(({ key }) => `  ${key}: ${value(key)}`)];
  };
  return [
    "destination: there",
    `type: ${type}`,
    ...block(
      "credentials",
      credentials,
      (key) => `"\${env:${type.toUpperCase().replaceAll("-", "_")}_${key.toUpperCase()}}"`,
    ),
    ...block("config", config, () => "…"),
  ];
}

function objectSection(object: ObjectDocument): readonly string[] {
  const { rate, bytes_per_request: bytes } = object;
  const facts = [
    ["kind", object.kind],
    ["modes", object.modes.join(", ")],
    ["a row is known by", identities[object.identify]],
    ["delivery", deliveries[object.delivery]],
    ["rows a request", object.rows_per_request.toLocaleString("en-US")],
    ...(bytes === null ? [] : [["bytes a request", bytes.toLocaleString("en-US")]]),
    ...(rate === null ? [] : [["rate", `${rate.requests.toLocaleString("en-US")} requests in ${rate.per_seconds} s`]]),
    ...(object.keyed_for_hours === null ? [] : [["a key is known for", `${object.keyed_for_hours} h`]]),
    ["an unanswered request may take effect for", `${object.late_minutes} min`],
    ...(object.expires_days === null
      ? []
      : [["memberships lapse after", `${object.expires_days} days: \`refresh:\` sends them again before`]]),
  ];
  return [
    `## Object \`${object.object}\``,
    `${object.describe}.`,
    table(["", ""], facts),
    ...(object.accepts.length === 0
      ? []
      : [
          table(
            ["identifier", "taken as", "travels"],
            object.accepts.map(({ kind, describe, hash }) => [kind, describe, hash ?? "plain"]),
          ),
        ]),
    ...(object.fields.length === 0
      ? []
      : [
          table(
            ["field", "takes", "required"],
            object.fields.map(({ field, describe, required }) => [field, describe, required ? "yes" : ""]),
          ),
        ]),
    ...(object.remote.length === 0 ? [] : [keyTable("remote", object.remote)]),
  ];
}

const keyTable = (title: string, keys: TypeDocument["config"]): string =>
  table(
    [title, "", "default"],
    keys.map(({ key, describe, required, default: given }) => [
      `\`${key}\``,
      describe,
      required ? "required" : (given ?? ""),
    ]),
  );

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
