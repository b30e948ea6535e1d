import { describe, expect, it } from "@jest/globals";
import { sampleEvents, spyBackend } from "@candor/testing";

const patience = { signal: new AbortController().signal };

describe("a spy backend", () => {
  it("throws, hangs and refuses as scripted, then accepts", async () => {
    const defect = new Error("defect");
    const spy = spyBackend({ results: [defect, { status: "blocked", reason: "no key" }, "hang"] });
    const events = sampleEvents(1);
    await expect(spy.send(events, patience)).rejects.toBe(defect);
    expect(await spy.send(events, patience)).toEqual({ status: "blocked", reason: "no key" });
    const controller = new AbortController();
    const hanging = spy.send(events, { signal: controller.signal });
    controller.abort();
    expect((await hanging).status).toBe("retry");
    expect(spy.acknowledged).toEqual([]);
    expect(await spy.send(events, patience)).toEqual({ status: "accepted" });
    expect(spy.acknowledged).toEqual(events);
    expect(spy.batches).toEqual([events, events, events, events]);
  });

  it("acknowledges what a partial answer does not reject", async () => {
    const events = sampleEvents(3);
    const rejected = [{ id: events[1]?.id ?? "", reason: "too old" }];
    const spy = spyBackend({ results: [{ status: "partial", rejected }] });
    await spy.send(events, patience);
    expect(spy.acknowledged).toEqual([events[0], events[2]]);
    expect(spy.events).toEqual(events);
  });

  it("records no attempt for an empty batch, an aborted signal or a send after close", async () => {
    const spy = spyBackend({ results: [{ status: "rejected", reason: "kept for a real attempt" }] });
    expect((await spy.send([], patience)).status).toBe("accepted");
    expect((await spy.send(sampleEvents(1), { signal: AbortSignal.abort() })).status).toBe("retry");
    await spy.close();
    expect((await spy.send(sampleEvents(1), patience)).status).toBe("retry");
    expect([spy.batches, spy.closed]).toEqual([[], true]);
  });
});
