import { expect, it } from "vitest";
import { refusalFile } from "../../src/destination/refusal-file.ts";

const sent = new Set(["ann@example.com", "bob@example.com"]);
const read = (text: string) => {
  const found = refusalFile(text, sent, "email");
  return found && { ...Object.fromEntries(found.words), strange: found.strange };
};

it.each<[string, string, object | undefined]>([
  ["a heading and a reason", "email,error\nbob@example.com,no MX\n", { "bob@example.com": "no MX", strange: 0 }],
  [
    "code and words",
    "error_code,Error message,EMAIL\n17,no MX, Bob@Example.com\n",
    { "bob@example.com": "17: no MX", strange: 0 },
  ],
  ["no reason", "E-Mail Address;FIRSTNAME\r\nbob@example.com;Bob\r\n", { "bob@example.com": "", strange: 0 }],
  ["tabs", "email\treason\nbob@example.com\tx, y; z\n", { "bob@example.com": "x, y; z", strange: 0 }],
  ["quoted separators", '"a;b",email\nx,bob@example.com\n', { "bob@example.com": "", strange: 0 }],
  ["no headings", "bob@example.com\nann@example.com", { "bob@example.com": "", "ann@example.com": "", strange: 0 }],
  ["another heading", "id,contact\n1,bob@example.com\n", { "bob@example.com": "", strange: 0 }],
  [
    "the other addresses of a contact",
    "alternate_emails,email\nann@example.com,bob@example.com\n",
    { "bob@example.com": "", strange: 0 },
  ],
  ["somebody who was not sent", "email\nbob@example.com\nzoe@example.com\n", { "bob@example.com": "", strange: 1 }],
  [
    "a row twice",
    "email,error\nbob@example.com,first\nbob@example.com,second\n",
    { "bob@example.com": "first", strange: 0 },
  ],
  ["nobody", "email,error\n", undefined],
  ["nothing", "", undefined],
  ["strangers alone", "email\nzoe@example.com\n", undefined],
  ["an unclosed quote", 'email,error\nbob@example.com,"no', undefined],
  ["lines of several widths", "email,error\nbob@example.com\n", undefined],
  ["a page of the web", "<html><body>bob@example.com</body></html>", undefined],
])("a file with %s", (_, text, expected) => {
  expect(read(text)).toEqual(expected);
});

it("reads as many lines as fit into what is read", () => {
  const text = `email,error\n${"bob@example.com,no MX\n".repeat(400_000)}`;
  expect(read(text)).toEqual({ "bob@example.com": "no MX", strange: 0 });
  expect(read(text.replace("email,", "who,"))).toEqual({ "bob@example.com": "no MX", strange: 0 });
});
