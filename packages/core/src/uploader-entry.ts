/** The entry of the script that candor carries: an uploader and nothing else. */
import { runUploader } from "./uploader/uploader-process.ts";

void runUploader({});
