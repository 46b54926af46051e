/** What a command said, without what is another each time: ids, times and seconds; people by the order in which they appear. */

const replaced: readonly (readonly [form: RegExp, by: string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-[0-9a-f]{6}/g, "RUN"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME"],
  [/\b([Pp]lan) [0-9a-f]{6}\b/g, "$1 PLAN"],
  [/\b\d+(\.\d+)? (ms|s)\b/g, "SECONDS"],
  [/\bada@\S+(?<!example\.com)$/gm, "ACTOR"],
];

/** Lines, those at the end empty left out; columns of tables stand two blanks apart. */
export function said(text: string): readonly string[] {
  const people: string[] = [];
  const number = (person: string): string => {
    if (!people.includes(person)) people.push(person);
    return `P${people.indexOf(person) + 1}`;
  };
  const known = replaced.reduce((all, [form, by]) => all.replaceAll(form, by), text);
  return known
    .replaceAll(/\b[0-9a-f]{12}\b/g, number)
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/(\S) {2,}/g, "$1  "));
}
