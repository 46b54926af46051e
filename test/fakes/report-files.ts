import { type Fake, type FakeAnswer, startFake } from "./server.ts";

/** The text of each file by its name. */
export type ReportFiles = Fake<Map<string, string>>;

const error = (status: number, code: string): FakeAnswer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<Error><Code>${code}</Code></Error>`,
});

/** A store of files at another address than the platform's. As Amazon S3 does, it refuses who brings credentials as well. */
export const startReportFiles = (): Promise<ReportFiles> => {
  const files = new Map<string, string>();
  return startFake(files, ({ path, headers }) => {
    if (headers["authorization"] !== undefined || headers["api-key"] !== undefined)
      return error(400, "InvalidArgument");
    const text = files.get(new URL(path, "http://fake").pathname.slice(1));
    if (text === undefined || !path.includes("?signature=")) return error(403, "AccessDenied");
    return { status: 200, headers: { "content-type": "text/csv" }, body: text };
  });
};

/** Keeps a file; gives its address. */
export function report({ state, url }: ReportFiles, text: string): string {
  const name = `report-${state.size + 1}.csv`;
  state.set(name, text);
  return `${url}/${name}?signature=1`;
}

/** The platform and its store, ended together. */
export function withReportFiles<State extends { readonly files: ReportFiles }>(fake: Fake<State>): Fake<State> {
  return {
    ...fake,
    async close() {
      await fake.close();
      await fake.state.files.close();
    },
  };
}
