/** Small edits of a user's YAML that leave every other character as it was: comments, order and spacing survive. */
import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from "yaml";

/** The text with `key: value` set in the item called `name` of `list`; null when there is no such item. */
export function setInItem(text: string, list: string, name: string, key: string, value: string): string | null {
  const item = findItem(text, list, name);
  if (item === null) return null;
  const pair = pairOf(item, key);
  const node = pair?.value;
  if (isScalar(node) && node.range) return text.slice(0, node.range[0]) + value + text.slice(node.range[1]);
  const anchor = pairOf(item, "name");
  if (!isScalar(anchor?.key) || !isScalar(anchor.value) || !anchor.key.range || !anchor.value.range) return null;
  const end = anchor.value.range[1];
  if (item.flow === true) return `${text.slice(0, end)}, ${key}: ${value}${text.slice(end)}`;
  const start = anchor.key.range[0];
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  // Behind the line, so that a comment after the name stays with the name.
  const line = text.indexOf("\n", end);
  const at = line < 0 ? text.length : line;
  return `${text.slice(0, at)}\n${indent}${key}: ${value}${text.slice(at)}`;
}

/** The text without `key` in that item; unchanged when it has none, null when there is no such item. */
export function removeFromItem(text: string, list: string, name: string, key: string): string | null {
  const item = findItem(text, list, name);
  if (item === null) return null;
  const pair = pairOf(item, key);
  if (!isScalar(pair?.key) || !isScalar(pair.value) || !pair.key.range || !pair.value.range) return text;
  const [start, end] = [pair.key.range[0], pair.value.range[1]];
  if (item.flow !== true) {
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const lineEnd = text.indexOf("\n", end);
    // The first key of an item shares its line with the dash, which has to stay.
    if (text.slice(lineStart, start).trim() === "")
      return text.slice(0, lineStart) + (lineEnd < 0 ? "" : text.slice(lineEnd + 1));
  }
  return text.slice(0, start).replace(/,\s*$/, "") + text.slice(end);
}

function findItem(text: string, list: string, name: string): YAMLMap | null {
  const items = parseDocument(text).get(list);
  if (!isSeq(items)) return null;
  const found = items.items.find((item) => isMap(item) && item.get("name") === name);
  return isMap(found) ? found : null;
}

function pairOf(item: YAMLMap, key: string): Pair | undefined {
  return item.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}
