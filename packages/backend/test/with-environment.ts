import { runInThisContext } from "node:vm";

/**
 * Does `work` with these variables set, and puts back what was there. Jest gives tests a copy of the environment, and
 * Node.js itself reads the original; so both are set.
 */
export async function withEnvironment<Result>(variables: Readonly<Record<string, string>>, work: () => Promise<Result>): Promise<Result> {
  const environments = [process.env, runInThisContext("process.env") as NodeJS.ProcessEnv];
  const changes = environments.flatMap((environment) => Object.keys(variables).map((name) => ({ environment, name, before: environment[name] })));
  for (const environment of environments) Object.assign(environment, variables);
  try {
    return await work();
  } finally {
    for (const { environment, name, before } of changes) {
      if (before === undefined) delete environment[name];
      else environment[name] = before;
    }
  }
}
