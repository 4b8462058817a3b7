#!/usr/bin/env node
/** The command `ecmock`: runs the installed program with the same arguments, and exits with its status. */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { installedBinary } from "./binary.js";

const binary = installedBinary();
if (!binary) {
  console.error(`ecmock: there is no program for ${process.platform}-${process.arch}; build it with cargo`);
  process.exit(1);
}
const program = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends Ctrl-C to the program too. Another sender may know only this process.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => program.kill(signal));
}
program.on("error", (error) => {
  console.error(`ecmock: cannot run ${binary}: ${error.message}`);
  process.exitCode = 1;
});
program.on("exit", (status, signal) => {
  process.exitCode = status ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
});
