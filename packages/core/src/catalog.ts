/**
 * @candor/core/catalog: a tool's catalog as a text for its users, and what is wrong with it. For programs that build a tool; the tool
 * itself needs only `defineEvents`.
 */
export type { Catalog } from "./catalog/catalog.ts";
export { findCatalogProblems } from "./catalog/catalog-rules.ts";
export { catalogDocument } from "./catalog/document.ts";
