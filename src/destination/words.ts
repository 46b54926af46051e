const longest = 300;

/** A platform's words without the people in them: e-mails, hashes, ids of devices and runs of seven or more digits. */
export function withoutPersons(words: string): string {
  return words
    .slice(0, 4 * longest)
    .replace(/[^\s"'<>()[\]{},;:=]+@[^\s"'<>()[\]{},;:=]+/g, "<email>")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>")
    .replace(/\b[0-9a-f]{32,128}\b/gi, "<hash>")
    .replace(/\+?\d[\d\s().-]{5,}\d/g, "<number>")
    .slice(0, longest);
}
