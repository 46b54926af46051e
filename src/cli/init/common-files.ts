import { schemaGlobs } from "../../project/json-schema.ts";

/** Files that every template writes: path -> text. The schemas that the editor's settings name are written by `schema --write`. */
export function commonFiles(): Readonly<Record<string, string>> {
  return {
    ".gitignore": [".millrace/", "target/", "outbox/", "node_modules/", ".env", ""].join("\n"),
    ".vscode/extensions.json": `${JSON.stringify({ recommendations: ["redhat.vscode-yaml"] }, null, 2)}\n`,
    ".vscode/settings.json": `${JSON.stringify({ "yaml.schemas": schemaGlobs, "files.associations": { "models/**/*.sql": "sql" } }, null, 2)}\n`,
    ".github/workflows/millrace.yml": workflow,
    "AGENTS.md": agents,
  };
}

const workflow = `name: millrace
on: pull_request
jobs:
  plan:
    runs-on: ubuntu-latest
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - run: npx --yes millrace validate -e ci --reporter github --reporter sarif:target/millrace.sarif
      - run: npx --yes millrace test -e ci --reporter github --reporter junit:target/junit.xml
      - run: npx --yes millrace plan -e ci --json --github > target/plan.json
      - uses: actions/upload-artifact@v4
        with: { name: millrace, path: target/plan.json }
`;

const agents = `# Working in this project

This folder is a millrace project: SQL models and YAML audiences that are kept in step with marketing platforms.

- \`millrace.yml\` names the environments. \`dev\` and \`ci\` run on DuckDB with the sample data of \`seeds/\`; nothing leaves the machine.
- \`models/*.sql\` are SELECT statements; \`models/*.yml\` describe them; \`models/audiences/*.yml\` hold one audience and its syncs each.
- \`destinations/*.yml\` configure accounts. Secrets stand there only as \`\${env:NAME}\`, never as values.

After an edit run, in this order: \`millrace validate\`, \`millrace test\`, \`millrace plan\`. Read the plan: it says person by person what
would change. Do not run \`millrace sync\` outside dev unless a person asked for it, and never pass \`--override-guard\` on your own.
\`millrace explain E204\` tells what an error code means; \`millrace <command> --help\` shows flags and examples; every command takes \`--json\`.
`;
