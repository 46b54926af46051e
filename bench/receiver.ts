/** A loopback endpoint that takes every batch and does nothing with it, in a process of its own; prints its port. */
import { createServer } from "node:http";

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 2 });
    response.end("{}");
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" && address !== null ? address.port : 0}\n`);
});
// It ends with the process that started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
