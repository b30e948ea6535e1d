/**
 * Sends a request over an open socket and reads the answer. An answer counts only when it is whole:
 * every byte of it arrived, and every byte of the request had been handed over. Reads no more than
 * it was allowed to, follows nothing and decodes nothing.
 */
import { type IncomingMessage, request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { PostAnswer, PostFailure, PostResult } from "./exchange.ts";
import { describeWireFault } from "./wire-fault.ts";

/** What is sent. */
export interface OutgoingPost {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly maxResponseBytes: number;
}

function assemble(response: IncomingMessage, chunks: readonly Buffer[]): PostAnswer {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
  const encoding = headers["content-encoding"] ?? "identity";
  const body = Buffer.concat(chunks).toString(encoding === "identity" ? "utf8" : "latin1");
  return { status: "answered", statusCode: response.statusCode ?? 0, headers, body };
}

/** Makes one exchange over `socket`. Always resolves once the socket is closed, by whichever side. */
export function exchangeOver(socket: Socket, outgoing: OutgoingPost): Promise<PostResult> {
  return new Promise((resolve) => {
    let hasBegun = false;
    const fail = (fault: PostFailure["fault"], reason: string): void => resolve({ status: "failed", fault, reason });
    const lose = (reason: string): void =>
      hasBegun ? fail("truncated", "the answer broke off before its end") : fail("network", reason);

    const request = httpRequest({
      method: outgoing.method,
      path: outgoing.path,
      setHost: false,
      // A question has no body, and so no length (RFC 9110, 8.6).
      headers: outgoing.method === "GET" ? outgoing.headers : { ...outgoing.headers, "content-length": String(outgoing.body.length) },
      createConnection: () => socket,
    });
    request.on("error", (error) => lose(describeWireFault(error)));
    request.once("close", () => lose("the connection was closed without an answer"));

    request.once("response", (response) => {
      hasBegun = true;
      const chunks: Buffer[] = [];
      let receivedBytes = 0;
      response.on("error", (error) => lose(describeWireFault(error)));
      response.on("data", (chunk: Buffer) => {
        receivedBytes += chunk.length;
        if (receivedBytes <= outgoing.maxResponseBytes) chunks.push(chunk);
        else fail("response-too-large", `the answer is larger than ${outgoing.maxResponseBytes} bytes`);
      });
      response.once("end", () => {
        if (!response.complete) return lose("the connection was closed without an answer");
        const answer = assemble(response, chunks);
        const isAccepted = answer.statusCode >= 200 && answer.statusCode <= 299;
        if (!isAccepted) return resolve(answer);
        // A server may answer early; what it confirms must not be cut off on its way. Node.js calls a request finished also when a write failed.
        const confirm = (): void =>
          socket.errored === null ? resolve(answer) : fail("network", `the request was cut off: ${describeWireFault(socket.errored)}`);
        if (request.writableFinished) confirm();
        else request.once("finish", confirm);
        return undefined;
      });
    });
    request.end(outgoing.body);
  });
}
