/** The components that DataRobot publishes; a name that is not among them is the user's own. */
export const PUBLISHED_COMPONENTS = ["base", "agent", "fastapi-backend", "react-frontend", "llm"] as const;
