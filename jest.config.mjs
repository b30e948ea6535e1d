/** @type {import("jest").Config} */
export default {
  testMatch: ["<rootDir>/packages/*/test/**/*.test.ts", "<rootDir>/examples/*/test/**/*.test.ts", "<rootDir>/test-collector/test/**/*.test.ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2023" }, module: { type: "commonjs" }, sourceMaps: "inline" },
    ],
  },
  moduleNameMapper: {
    "^@candor/([a-z-]+)$": "<rootDir>/packages/$1/src/index.ts",
    "^@candor/([a-z-]+)/([a-z-]+)$": "<rootDir>/packages/$1/src/$2.ts",
  },
  testEnvironment: "node",
  setupFiles: ["<rootDir>/scripts/neutral-environment.cjs"],
  // No test measures time, and none may fail because the machine is busy; what hangs fails all the same.
  testTimeout: 60_000,
  // What core's build puts in place; tests of the built packages use the real thing.
  globals: { __UPLOADER_SOURCE__: "// the uploader's place in unbuilt code", __UPLOADER_HASH__: "0" },
  randomize: true,
  errorOnDeprecated: true,
};
