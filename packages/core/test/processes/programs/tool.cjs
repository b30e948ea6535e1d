/** A CommonJS tool that tracks the event named by its first argument and ends. */
const { createCollector } = require("../../../dist/cjs/index.js");

const { options } = JSON.parse(process.env.TEST_PLAN);
createCollector(options).track("tool.use", process.argv[2]);
