#!/usr/bin/env node
// Stands here before anything is built, so that a package manager can link the program when it installs.
import { main } from "../dist/esm/candor.js";

void main(process.argv.slice(2));
