/** The build: what the release pipeline put into this build of the tool. A development build has no Amplitude key. */

interface Build {
  readonly amplitudeApiKey: string;
  readonly installMethod: string;
}

/** Put in its place by build.mjs. */
declare const __BUILD__: Build;

export const build: Build = __BUILD__;
