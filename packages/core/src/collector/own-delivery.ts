/**
 * The own delivery: what a collector's own process delivers, for `flush`, for an interval and for a process that cannot start another. It
 * decides neither when, nor who delivers otherwise.
 */
import { leavable } from "@candor/backend";
import type { FlushResult } from "../delivery/in-process-delivery.ts";
import type { Installation } from "./installation.ts";
import type { Spill } from "./spill.ts";

export interface OwnDeliverySettings {
  /** Where events go; undefined while telemetry is off. */
  readonly active: () => { readonly spill: Spill; readonly dryRun: boolean } | undefined;
  /** Told when the user's yes was found withdrawn: what is collected must go. */
  readonly withdrawn: () => void;
}

export interface OwnDelivery {
  /** Seals what is in memory and delivers until `limitMs`; `insist` asks destinations that are to be left alone, too. Never rejects. */
  readonly deliver: (limitMs: number, insist: boolean, signal?: AbortSignal) => Promise<FlushResult>;
  /**
   * Delivers unless a turn is under way: a slow destination must not be asked again while it has not answered. Nobody waits for it, so it does
   * not keep the tool from ending.
   */
  readonly deliverInTurn: () => void;
}

export function createOwnDelivery(installation: Installation, { active, withdrawn }: OwnDeliverySettings): OwnDelivery {
  const { config, logger } = installation;
  let delivering = false;

  const deliver = async (limitMs: number, insist: boolean, signal?: AbortSignal): Promise<FlushResult> => {
    const current = active();
    if (!current) return { status: "disabled" };
    if (current.dryRun) return { status: "delivered" };
    const { spill } = current;
    try {
      if (!spill.seal()) {
        withdrawn();
        return { status: "disabled" };
      }
      const { createMemorySpool, deliverHere } = await import("../background.ts");
      const memory = spill.memorySpool(createMemorySpool);
      const result = await deliverHere(installation, { limitMs, insist, ...(memory ? { memory } : {}), ...(signal ? { signal } : {}) });
      spill.countMemoryLosses();
      const unsealed = result.status === "delivered" && spill.unsealed > 0;
      return unsealed ? { status: "pending", reason: "the disk refuses to take a batch" } : result;
    } catch (error) {
      logger.error("the delivery failed", { error: String(error) });
      return { status: "pending", reason: String(error) };
    }
  };

  return {
    deliver,
    deliverInTurn() {
      if (delivering) return;
      delivering = true;
      void deliver(config.delivery.lifetimeMs, false, leavable(new AbortController().signal)).finally(() => {
        delivering = false;
      });
    },
  };
}
