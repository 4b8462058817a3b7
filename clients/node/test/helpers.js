// A server for a test file, calls with the official SDK, and child processes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { EcmockError, Server } from "../ecmock.js";

// The SDK is not a dependency of the package. `require` finds it in NODE_PATH.
const { ecm } = createRequire(import.meta.url)("tencentcloud-sdk-nodejs/tencentcloud/services/ecm");

// A proxy would redirect the SDK, and `ECMOCK_*` would configure the server.
for (const name of Object.keys(process.env)) {
  if (/^((https?|all)_proxy|(ECMOCK|TENCENTCLOUD)_(?!BIN$).*|RUST_LOG)$/i.test(name)) delete process.env[name];
}

export const FAILOVER_FILE = new URL("../../../fixtures/failover.json", import.meta.url);
export const FAILOVER = JSON.parse(readFileSync(FAILOVER_FILE, "utf8"));
export const CREATE = { VpcId: "vpc-m0c2kcun", SubnetId: "subnet-rtmfkg4w", HaVipName: "demo" };
export const CREATE_IN_UNKNOWN_SUBNET = { ...CREATE, SubnetId: "subnet-zzzzzzzz" };
const CLIENT = JSON.stringify(new URL("../ecmock.js", import.meta.url));

/** Starts a server that checks signatures. It is stopped after the tests of the file. */
export async function serving() {
  const server = await Server.start({ auth: "verify", secretKey: "throw-away-key", seed: 1 });
  after(async () => assert.equal(await server.stop(), 0, server.log));
  return server;
}

/** An SDK client of an account. */
export class Cloud {
  constructor(account, http = {}) {
    const { credential, region, profile } = account.clientConfig;
    const httpProfile = { ...profile.httpProfile, ...http };
    this.client = new ecm.v20190719.Client({ credential, region, profile: { httpProfile } });
  }

  ask(action, params = {}) {
    return this.client[action](params);
  }

  async create(name = "demo") {
    return (await this.ask("CreateHaVip", { ...CREATE, HaVipName: name })).HaVip;
  }

  async names() {
    return (await this.ask("DescribeHaVips")).HaVipSet.map((haVip) => haVip.HaVipName);
  }
}

/** A new account, and an SDK client of it. */
export function newAccount(server) {
  const account = server.account();
  return { account, cloud: new Cloud(account) };
}

/** Returns the error that a promise rejects with. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  return assert.fail(`the promise resolved to ${JSON.stringify(value)}`);
}

/** Returns the EcmockError that a promise rejects with. */
export async function refused(promise) {
  const error = await rejection(promise);
  assert.ok(error instanceof EcmockError, error);
  return error;
}

/** Runs a program that can use `Server`, in a process of its own. */
export function run(program, { env = {}, ...options } = {}) {
  const code = `import { Server } from ${CLIENT};\n${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
    ...options,
  });
  child.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return child;
}

/** Returns the next line that a child process prints. */
export async function nextLine(child) {
  const { value } = await child.lines.next();
  return value ?? assert.fail("the process ended");
}

/** Waits until a child process has ended, and returns its exit status or signal. */
export function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
  return new Promise((resolve) => {
    child.once("exit", (status, signal) => resolve(status ?? signal));
  });
}
