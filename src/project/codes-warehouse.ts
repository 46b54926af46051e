import type { CodeText } from "./codes.ts";

/** Codes of warehouses in the cloud: E719 for both, E720 to E734 BigQuery. Part of the registry in ./codes.ts. */
export const warehouseCodes: Readonly<Record<string, CodeText>> = {
  E719: {
    title: "a warehouse's client is not installed",
    text: "The clients of BigQuery and Snowflake are large and most projects need neither, so they do not come with millrace. The hint has the line that installs the one that is missing: in the project's folder, or beside millrace itself. A client that is there and cannot be loaded is told by its own words.",
  },
  E720: {
    title: "BigQuery refused a statement",
    text: "The message is the first line of BigQuery's own error; values of rows are replaced by …, since they may be personal. `millrace compile MODEL` prints the SQL to try it in the console.",
  },
  E721: {
    title: "BigQuery does not allow it",
    text: "The account may not do what was asked: run jobs in the project (role BigQuery Job User), read the sources (BigQuery Data Viewer on their datasets) or write the ledger's dataset (BigQuery Data Editor). Reads of many rows also use BigQuery Read Session User, and go slower without it. A project without billing is told the same way.",
  },
  E722: {
    title: "project, dataset or table that BigQuery does not find",
    text: "`project`, `dataset` or a table's name is misspelt, the account cannot see it, or `location` is another one than the dataset's: a job finds only datasets of its own location.",
  },
  E723: {
    title: "not signed in to BigQuery",
    text: "There are no credentials, or they have expired, or the key is not valid any more. With a service account: make a new key and put it where the secret is read from. With your own account: `gcloud auth application-default login`. Credentials are never shown.",
  },
  E724: {
    title: "statement that would cost too much",
    text: "The statement would read more bytes than `max_bytes_billed` allows, or BigQuery stopped it at that limit. The message has the estimate; nothing was run. Raise the limit, or read less: a partition's column in WHERE, clusters, fewer columns.",
  },
  E725: {
    title: "quota of BigQuery",
    text: "The project has used up a quota: statements at a time, statements on one table, or bytes a day. Quotas of a minute pass by themselves; those of a day can be raised in the console.",
  },
  E726: {
    title: "BigQuery cannot be reached, or is not well",
    text: "The network, a proxy or BigQuery itself failed after several tries. Nothing is half done: statements of a transaction are done together or not at all. Run again.",
  },
  E727: {
    title: "statement too large for BigQuery",
    text: "A statement needed more memory than one worker has, or gave more than a result may hold, mostly a sort or a join of everything at once. Build parts of it as tables first.",
  },
  E728: {
    title: "two programs wrote one table of BigQuery at a time",
    text: "BigQuery cancels a transaction when another one changes the same table meanwhile. Nothing of it was written. Run again; if it comes back, look for another program that writes to the ledger's dataset.",
  },
  E729: {
    title: "job cancelled",
    text: "Somebody, or a rule of the project, cancelled the job in BigQuery. Its history in the console says who. Nothing of it was written.",
  },
  E733: {
    title: "rows of a plan are missing",
    text: "A plan is made in the warehouse and read from there, and not all of its rows arrived. It was given up before anything of it was sent: run again. If it comes back, a proxy between millrace and the warehouse cuts answers short.",
  },
};
