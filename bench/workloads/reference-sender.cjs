/** The reference's detached process: posts a file of lines as a JSON array, and deletes it when the answer is a 2xx. */
const { readFileSync, unlinkSync } = require("node:fs");
const { request } = require("node:http");

const [, , file, endpoint] = process.argv;
const body = `[${readFileSync(file, "utf8").trimEnd().replaceAll("\n", ",")}]`;
const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
const post = request(endpoint, { method: "POST", headers, timeout: 5_000 }, (response) => {
  response.resume().on("end", () => {
    if (response.statusCode >= 200 && response.statusCode < 300) unlinkSync(file);
  });
});
post.on("timeout", () => post.destroy());
post.on("error", () => {
  process.exitCode = 1;
});
post.end(body);
