/**
 * The line of one attempt: one TCP connection and the layers of TLS on it. Opens them and ends them
 * all at once. After the end nothing more is opened.
 *
 * Every socket keeps an error listener for its whole life, so that a fault after the result is known
 * never reaches the tool as an uncaught exception.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";

/**
 * How long one address of a host may take before the next is tried. Node's default of 250 ms is
 * shorter than a round trip over a satellite; 1 s is the first retransmission of a SYN (RFC 6298).
 */
const addressAttemptMs = 1_000;

const isReported = (): undefined => undefined;

/** Resolves at `event`; rejects when the socket fails or closes first. */
function reached(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
  });
}

/** The connection of one attempt. */
export class Line {
  #isOver = false;
  #tcp: Socket | undefined;
  readonly #layers: Socket[] = [];
  readonly #isLeavable: boolean;

  /** A `leavable` line keeps no process alive once it is connected. */
  constructor({ leavable = false }: { readonly leavable?: boolean } = {}) {
    this.#isLeavable = leavable;
  }

  /** Connects to `host`, a URL's hostname; once in an attempt. Rejects with Node's error. */
  async connect(host: string, port: number): Promise<Socket> {
    if (this.#isOver) throw new Error("the attempt is over");
    // A half-open socket does not shut itself down when the peer does, and a shutdown forbids the reset.
    const socket = connectTcp({
      host: host.replace(/^\[(.*)\]$/u, "$1"),
      port,
      noDelay: true,
      allowHalfOpen: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
    });
    socket.on("error", isReported);
    this.#tcp = socket;
    this.#layers.push(socket);
    await reached(socket, "connect");
    if (this.#isLeavable) socket.unref();
    return socket;
  }

  /** Speaks TLS over `socket` to `host`, whose certificate must be valid. Rejects with Node's error. */
  async secure(socket: Socket, host: string, secureContext: SecureContext): Promise<TLSSocket> {
    if (this.#isOver) throw new Error("the attempt is over");
    const name = host.replace(/^\[(.*)\]$/u, "$1");
    const secured = connectTls({
      socket,
      host: name,
      secureContext,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      // Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the default off.
      rejectUnauthorized: true,
      // An address is no name to ask for (RFC 6066).
      ...(isIP(name) === 0 && { servername: name }),
    });
    secured.on("error", isReported);
    this.#layers.push(secured);
    await reached(secured, "secureConnect");
    return secured;
  }

  /** Ends the attempt after a complete answer. */
  close(): void {
    this.#isOver = true;
    this.#tcp?.destroy();
  }

  /**
   * Ends the attempt and takes back what was not transmitted: a plain close would let the kernel go
   * on sending what its buffer holds; a reset discards it.
   */
  cut(): void {
    this.#isOver = true;
    if (this.#tcp === undefined || this.#tcp.destroyed) return;
    // While connecting nothing has been handed over, and Node would put the reset off until connected.
    // Once node:http shuts the socket down, after the end of an answer, libuv refuses a reset (EINVAL)
    // and Node would lose the handle unclosed.
    if (this.#tcp.connecting || this.#layers.some((layer) => layer.writableEnded)) this.#tcp.destroy();
    else this.#tcp.resetAndDestroy();
  }
}
