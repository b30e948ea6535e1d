/** @candor/core/stores: ready-made stores that keep the user's answer in a configuration file of the tool's own. */
export { fileStore, type FileStoreOptions, type Setting, type StoreFileOptions, type StoreKeys } from "./consent/file-store.ts";
export { jsonStore, type TomlLibrary, tomlStore, type YamlLibrary, yamlStore } from "./consent/format-stores.ts";
export type { ConsentStore, StoreAnswer, StoreChange } from "./consent/tool-store.ts";
