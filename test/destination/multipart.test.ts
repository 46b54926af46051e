import { expect, it } from "vitest";
import { multipart } from "../../src/destination/index.ts";

const form = { 'a "b"\r\n': "c", file: { name: "d.csv", content: "e\nf\n" } };

it("is read by others as it was written", async () => {
  const read = await new Response(multipart(form).body, { headers: multipart(form).headers }).formData();
  const [[name, value], [, file]] = [...read.entries()] as [[string, string], [string, File]];
  expect([name, value]).toEqual(['a "b"\r\n', "c"]);
  expect([file.name, await file.text()]).toEqual(["d.csv", "e\nf\n"]);
});

it("is the same for the same form, and parted by what is in no other", () => {
  expect(multipart(form)).toEqual(multipart({ ...form }));
  expect(multipart({ ...form, file: "e" }).headers).not.toEqual(multipart(form).headers);
});
