/** A forward proxy on 127.0.0.1 that leads every name to this machine and records what it was asked. */
import { createServer as createHttp, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { listen, serverIdentity } from "./loopback.ts";

/** What the proxy does. */
export interface ProxyScript {
  /** Speaks TLS to the client. */
  readonly secure?: boolean;
  /** The `Proxy-Authorization` value without which it answers 407. */
  readonly authorization?: string;
  /** Refuses every tunnel with this status. */
  readonly refusal?: number;
  /** Takes a CONNECT and never answers it. */
  readonly hangs?: (client: Duplex) => void;
}

/** What the proxy was asked: method, target, headers. */
export interface ProxyRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  /** The client's certificate, by its common name. */
  readonly client?: string;
}

/** Opens a proxy; `host` is `127.0.0.1:port`. */
export async function openProxy(script: ProxyScript = {}): Promise<{ host: string; url: string; requests: ProxyRequest[] }> {
  const requests: ProxyRequest[] = [];
  const record = (request: IncomingMessage): boolean => {
    const client = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject?.CN : undefined;
    requests.push({ method: request.method ?? "", target: request.url ?? "", headers: request.headers, ...(client !== undefined && { client: String(client) }) });
    return script.authorization === undefined || request.headers["proxy-authorization"] === script.authorization;
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (!record(request)) {
      response.writeHead(407).end();
      return;
    }
    const target = new URL(request.url ?? "");
    const { "proxy-authorization": _, ...headers } = request.headers;
    const onward = httpRequest({ host: "127.0.0.1", port: target.port, method: "POST", path: target.pathname + target.search, headers, agent: false });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  };

  const onConnect = (request: IncomingMessage, client: Duplex): void => {
    client.on("error", () => client.destroy());
    if (!record(request)) client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    else if (script.refusal !== undefined) client.end(`HTTP/1.1 ${script.refusal} No\r\ncontent-length: 0\r\n\r\n`);
    else if (script.hangs !== undefined) script.hangs(client);
    else tunnel(client, Number((request.url ?? "").split(":").at(-1)));
  };

  const server = script.secure === true ? createHttps({ ...serverIdentity(), requestCert: true, rejectUnauthorized: false }, onRequest) : createHttp(onRequest);
  server.on("connect", onConnect);
  const host = `127.0.0.1:${await listen(server)}`;
  return { host, url: `${script.secure === true ? "https" : "http"}://${host}`, requests };
}

function tunnel(client: Duplex, port: number): void {
  const onward: Socket = connect(port, "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    client.pipe(onward).pipe(client);
  });
  onward.on("error", () => client.destroy());
  client.once("close", () => onward.destroy());
}
