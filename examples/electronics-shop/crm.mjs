#!/usr/bin/env node
/**
 * A small CRM on loopback that takes millrace's webhook: `node crm.mjs [--port 4480]`.
 * It keeps people in memory, applies a batch once however often it comes, and prints what it was told.
 */
import { createServer } from "node:http";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Starts the CRM; port 0 takes a free one. `counts()` gives people per sync, `close()` ends it. */
export async function startCrm(port, log = () => {}) {
  const lists = new Map();
  const applied = new Set();
  const server = createServer(async (request, response) => {
    try {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const delivery = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      if (!applied.has(delivery.batch)) apply(lists, delivery);
      applied.add(delivery.batch);
      log(`${delivery.sync}: ${delivery.op} ${delivery.changes.length}, now ${lists.get(delivery.sync).size} people`);
      response.writeHead(204).end();
    } catch (error) {
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ message: String(error) }));
    }
  });
  await new Promise((done, failed) => server.once("error", failed).listen(port, "127.0.0.1", done));
  return {
    port: server.address().port,
    counts: () => Object.fromEntries([...lists].map(([sync, people]) => [sync, people.size])),
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function apply(lists, { sync, op, changes }) {
  if (!lists.has(sync)) lists.set(sync, new Map());
  const people = lists.get(sync);
  for (const { key, identifiers, fields } of changes) {
    if (op === "remove") people.delete(JSON.stringify(key));
    else people.set(JSON.stringify(key), { identifiers, fields });
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "4480" } } });
  const crm = await startCrm(Number(values.port), console.log);
  console.log(`CRM on http://127.0.0.1:${crm.port}/crm, Ctrl-C ends it`);
}
