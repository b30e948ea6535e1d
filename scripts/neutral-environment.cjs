/**
 * Runs before every test file: takes away what the machine of the tests says about telemetry, so that a collector made in a test decides
 * by what the test says.
 */
for (const name of Object.keys(process.env)) {
  if (/^(?:DO_NOT_TRACK|CI|TELEMETRY_\w+|[A-Z]+_TELEMETRY|GITHUB_ACTIONS|GITLAB_CI|BUILDKITE|CIRCLECI|TRAVIS|JENKINS_URL|TF_BUILD)$/.test(name)) delete process.env[name];
}
