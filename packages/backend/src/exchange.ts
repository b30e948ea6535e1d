/**
 * One HTTP exchange as its caller sees it: what is asked, and what became of it. Only types, so that
 * naming them loads nothing.
 */

/** Certificates or keys in PEM form. */
export type PemMaterial = string | Buffer | readonly (string | Buffer)[];

/** How the destination is trusted, and how we prove who we are. */
export interface TlsSettings {
  /** Authorities trusted besides those that Node.js trusts by default. */
  readonly ca?: PemMaterial;
  /** Our certificate chain, shown to the destination and never to a proxy. */
  readonly cert?: PemMaterial;
  /** The private key of `cert`. */
  readonly key?: PemMaterial;
}

/** A question to a server: a request without a body. */
export type GetRequest = Omit<PostRequest, "body" | "gzip">;

/** One request. */
export interface PostRequest {
  /** http or https, without user name and password. A fragment is not sent. */
  readonly url: URL | string;
  /** Bytes are not copied: they must not change until the answer is there. */
  readonly body: string | Uint8Array;
  /**
   * Headers to send. Those that frame the message or belong to the connection (`host`, `connection`,
   * `content-length`, `transfer-encoding`, `accept-encoding`, `expect`, `upgrade`,
   * `proxy-authorization`) are decided here, and the caller's are ignored.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** One limit over everything from the look-up of the name to the last byte. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Stops the attempt. Bytes that the peer does not have yet are discarded. */
  readonly signal?: AbortSignal;
  /** Compresses the body and says so. Default: false. */
  readonly gzip?: boolean;
  readonly tls?: TlsSettings;
  /**
   * `environment` (default) obeys HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; `none` always
   * connects directly; anything else is the URL of an http or https proxy.
   */
  readonly proxy?: "environment" | "none" | (string & {});
  /** Largest answer that is read. Default: 1 MiB. */
  readonly maxResponseBytes?: number;
}

/** Why there is no complete answer. */
export type PostFault =
  /** The limit passed first. */
  | "timeout"
  /** The caller's signal fired. */
  | "aborted"
  /** The name, the connection, TLS, or a request that cannot be made. */
  | "network"
  /** The proxy could not be used, reached or convinced. */
  | "proxy"
  | "response-too-large"
  /** The answer began and did not end. */
  | "truncated";

/** A complete answer, whatever its status. */
export interface PostAnswer {
  readonly status: "answered";
  readonly statusCode: number;
  /** By lower-case name; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8; one character a byte when the answer has a content encoding. */
  readonly body: string;
}

/** No complete answer. */
export interface PostFailure {
  readonly status: "failed";
  readonly fault: PostFault;
  /** Plain words; never a credential, nor the query of the URL. */
  readonly reason: string;
}

/** What became of one request. After a failure the server may or may not have taken the body. */
export type PostResult = PostAnswer | PostFailure;
