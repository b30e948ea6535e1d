/** The token's fingerprint: tells two API tokens apart without keeping either. */

/** Lower-case hex SHA-256 of the token, as the DataRobot CLI has it; "" for no token. */
export function tokenFingerprint(token: string): string {
  if (typeof token !== "string" || token === "") return "";
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(token).digest("hex");
}
