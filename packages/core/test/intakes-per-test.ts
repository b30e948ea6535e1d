/** Intakes that end with the test that started them. */
import { afterEach } from "@jest/globals";
import { type Intake, type IntakeOptions, type ScriptedReply, startIntake } from "@candor/testing";

export interface Intakes {
  start(options?: IntakeOptions): Promise<Intake>;
  /** Starts one that answers its first request so. */
  startWith(reply: ScriptedReply): Promise<Intake>;
}

/** For the top of a file. */
export function intakesPerTest(): Intakes {
  const started: Intake[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((intake) => intake.close()));
  });
  const start = async (options?: IntakeOptions): Promise<Intake> => {
    const intake = await startIntake(options);
    started.push(intake);
    return intake;
  };
  return {
    start,
    async startWith(reply) {
      const intake = await start();
      await intake.script(reply);
      return intake;
    },
  };
}
