/** Programs that a project needs on the PATH. */
export const PREREQUISITES = ["node", "git"] as const;
