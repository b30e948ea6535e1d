import { afterEach, describe, expect, it } from "@jest/globals";
import { Line } from "../src/line.ts";
import { closedPort, closeServers, openTcp } from "./loopback.ts";

afterEach(closeServers);

describe("Line", () => {
  it("gives up a connection under way instead of waiting for it", async () => {
    const { port } = await openTcp((socket) => socket.resume());
    const line = new Line();
    const connected = line.connect("127.0.0.1", port);
    line.cut();
    await expect(connected).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it.each(["cut", "close"] as const)("opens nothing after %s", async (end) => {
    let connections = 0;
    const { port } = await openTcp((socket) => {
      connections += 1;
      socket.end();
    });
    const line = new Line();
    line[end]();
    await expect(line.connect("127.0.0.1", port)).rejects.toThrow("the attempt is over");
    // Another line is served after it, so an earlier connection would have been counted.
    const other = new Line();
    const socket = await other.connect("127.0.0.1", port);
    await new Promise((resolve) => socket.once("end", resolve).resume());
    other.close();
    expect(connections).toBe(1);
  });

  it("may be ended twice and while nothing is open", async () => {
    const line = new Line();
    line.cut();
    line.close();
    line.cut();
    const failed = new Line();
    await expect(failed.connect("127.0.0.1", await closedPort())).rejects.toMatchObject({ code: "ECONNREFUSED" });
    failed.cut();
    failed.close();
  });
});
