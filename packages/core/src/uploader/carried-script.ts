/** The carried script: the uploader as one text. A room of its own, because only the first upload of a version on a machine needs it. */

/** Put in its place by the build. */
declare const __UPLOADER_SOURCE__: string;

/** The uploader's script. */
export function carriedScript(): string {
  return __UPLOADER_SOURCE__;
}
