import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { CommandContext } from "./command.ts";
import { engineOptions, loadEngine } from "./engine.ts";
import { openProject } from "./session.ts";
import { explainText } from "./text/explain.ts";
import { moment, usage, wholeNumber } from "./usage.ts";

/** `explain person`: 0 also when nobody is found; the answer is that there is nobody. */
export async function explainSomebody(context: CommandContext): Promise<0> {
  const { values, terminal, globals } = context;
  const who = await person(context);
  const at = values.text("at");
  const audience = values.text("audience");
  const limit = wholeNumber("--limit", values.text("limit") ?? "20", 1);
  const opened = await openProject(context);
  if (audience !== undefined && !opened.project.audiences.has(audience)) {
    const { didYouMean } = await import("../project/suggest.ts");
    throw usage(
      `no audience is called ${JSON.stringify(audience)}`,
      didYouMean(audience, opened.project.audiences.keys(), "audiences here"),
      "E020",
    );
  }
  const engine = await loadEngine();
  const document = await engine.explainPerson({
    ...(await engineOptions(context, opened)),
    ...who,
    ...(audience === undefined ? {} : { audience }),
    ...(at === undefined ? {} : { at: moment("--at", at) }),
  });
  if (globals.json) terminal.json(document);
  else terminal.out(explainText(document, { paint: terminal.paintOut, limit }));
  return 0;
}

/** A key, or an e-mail that came by input or file so that it stays out of shell history and `ps`. */
async function person(context: CommandContext): Promise<{ readonly key: string } | { readonly email: string }> {
  const { values } = context;
  const key = values.text("id");
  const file = values.text("emailFile");
  const ways = [key !== undefined, file !== undefined, values.flag("emailStdin")].filter(Boolean).length;
  if (ways !== 1)
    throw usage(
      "say who: one of --id, --email-stdin, --email-file",
      "echo marie@example.com | millrace explain person --email-stdin",
    );
  if (key !== undefined) return { key };
  const text =
    file === undefined
      ? await context.readInput()
      : await readFile(resolve(context.folder, file), "utf8").catch(() => null);
  if (text === null) throw usage(`--email-file: there is no file ${JSON.stringify(file)}`, undefined, "E004");
  const email = text.trim();
  if (email === "" || /\s/.test(email))
    throw usage("one e-mail address was expected", "write one address, on one line");
  return { email };
}
