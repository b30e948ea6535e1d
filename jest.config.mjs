const swc = (syntax) => ["@swc/jest", { jsc: { parser: { syntax }, target: "es2023" }, module: { type: "commonjs" }, sourceMaps: "inline" }];

/** @type {import("jest").Config} */
export default {
  testMatch: ["<rootDir>/packages/*/test/**/*.test.ts", "<rootDir>/examples/*/test/**/*.test.ts", "<rootDir>/test-collector/test/**/*.test.ts"],
  transform: {
    "\\.ts$": swc("typescript"),
    // There is no CommonJS form of it, and jest takes no other.
    "toml-patch\\.js$": swc("ecmascript"),
  },
  transformIgnorePatterns: ["/node_modules/(?!.*toml-patch)"],
  moduleNameMapper: {
    "^@candor/([a-z-]+)$": "<rootDir>/packages/$1/src/index.ts",
    "^@candor/([a-z-]+)/([a-z-]+)$": "<rootDir>/packages/$1/src/$2.ts",
  },
  testEnvironment: "node",
  setupFiles: ["<rootDir>/scripts/neutral-environment.cjs"],
  // No test measures time, and none may fail because the machine is busy; what hangs fails all the same.
  testTimeout: 60_000,
  // What core's build puts in place; tests of the built packages use the real thing.
  globals: { __UPLOADER_SOURCE__: "// the uploader's place in unbuilt code", __UPLOADER_HASH__: "0", __UPLOADER_BYTES__: 39 },
  randomize: true,
  errorOnDeprecated: true,
};
