/** @candor/backend-otel. */
export {};
