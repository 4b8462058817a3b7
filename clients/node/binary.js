/** The program `ecmock` of the package for this platform. */

import { createRequire } from "node:module";

/**
 * Returns the path of the installed program, or undefined if no package has one for this platform.
 *
 * @returns {string | undefined}
 */
export function installedBinary() {
  const program = process.platform === "win32" ? "ecmock.exe" : "ecmock";
  try {
    return createRequire(import.meta.url).resolve(`@ecmock/${process.platform}-${process.arch}/${program}`);
  } catch {
    return undefined;
  }
}
