import type { Command } from "../command.ts";

export const explain: Command = {
  name: "explain",
  group: "Understand",
  summary: "why: a person, an audience, a sync, an error code; a library model",
  arguments: [{ name: "[code]", describe: "an error or warning code: E204; a model of the library: millrace.rfm" }],
  examples: [
    "millrace explain E204",
    "millrace explain millrace.rfm",
    "echo marie@example.com | millrace explain person --email-stdin -e prod",
    "millrace explain audience lapsed_buyers",
  ],
  commands: [
    {
      name: "person",
      summary: "why somebody is in or out, and what each destination holds",
      options: [
        { flags: "--id <key>", describe: "the model's primary key" },
        { flags: "--email-stdin", describe: "the e-mail comes on standard input: not in the shell's history" },
        { flags: "--email-file <file>", describe: "the e-mail stands in a file" },
        { flags: "--audience <name>", describe: "only this audience" },
        {
          flags: "--limit <n>",
          describe: "newest events shown of each history; --json has all of them",
          default: "20",
        },
        { flags: "--at <time>", describe: "as of then: 2026-11-01, 2026-11-01T06:00:00Z" },
      ],
      examples: [
        "millrace explain person --id 100231",
        "millrace explain person --email-file who.txt --audience lapsed_buyers",
      ],
      async run(context) {
        const { explainSomebody } = await import("../explain-person.ts");
        return explainSomebody(context);
      },
    },
    {
      name: "audience",
      summary: "who is in it, in words",
      arguments: [{ name: "<name>", describe: "an audience or segment", completes: "audience" }],
      async run(context) {
        const { explainAudience } = await import("../explain-thing.ts");
        return explainAudience(context);
      },
    },
    {
      name: "sync",
      summary: "what it sends, when and how, in words",
      arguments: [{ name: "<name>", describe: "a sync", completes: "sync" }],
      async run(context) {
        const { explainSync } = await import("../explain-thing.ts");
        return explainSync(context);
      },
    },
  ],
  async run(context) {
    const { explainCode } = await import("../explain-thing.ts");
    return explainCode(context);
  },
};
