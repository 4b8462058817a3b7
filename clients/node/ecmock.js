/**
 * JavaScript client of ecmock: starts a server or attaches to one, and controls its accounts.
 *
 *     const server = await Server.start();
 *     const account = server.account(); // an isolated cloud
 *     const client = new ecm.v20190719.Client(account.clientConfig); // of tencentcloud-sdk-nodejs
 *     await account.fail("CreateHaVip", "InternalError", { times: 1 });
 *     await account.waitFor("CreateHaVip", { code: "OK", timeoutMs: 5000 });
 *     await account.expect("CreateHaVip", { times: 2 }, async () => {
 *       // two calls of CreateHaVip
 *     });
 *     await account.assertCalled("CreateHaVip", { params: { HaVipName: "web" }, times: 2 });
 *     await server.stop();
 *
 * The client requires Node 20 or later, and no other package.
 *
 * Methods return the server's JSON unchanged, under the server's names. Durations are in milliseconds. Promises reject
 * with `EcmockError` if the server refuses a request, and with Node's error if the server cannot be reached.
 */

import { AssertionError } from "node:assert";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, urlToHttpOptions } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { installedBinary } from "./binary.js";

/** @import { Socket } from "node:net" */

const ANSWER_MS_MAX = 30_000;
const END_MS_MAX = 5000;
const CALLS_SHOWN_MAX = 3;
const LOG_BYTES_MAX = 16 * 1024 * 1024;
const OUTPUT_CHARS_MAX = 64 * 1024; // of stdout at the start

/** The server refused a request. */
export class EcmockError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} reason
   * @param {readonly string[]} [problems]
   */
  constructor(status, code, reason, problems = []) {
    super([`${status} ${code}: ${reason}`, ...problems].join("\n  "));
    this.name = "EcmockError";
    /** HTTP status. */
    this.status = status;
    /** Code of the error, for example `NotFound`. */
    this.code = code;
    /** The server's message. */
    this.reason = reason;
    /** Problems of a fixture, each with its JSON path. */
    this.problems = [...problems];
  }
}

/** The server could not be found, did not start, did not respond, or was stopped. Includes its output. */
export class StartError extends Error {
  /**
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(message, options) {
    super(message, options);
    this.name = "StartError";
  }
}

/** No matching call arrived in time. The message lists the most recent calls. */
export class TimeoutError extends Error {
  #calls; // private, so that a test runner does not print them again

  /**
   * @param {string} message
   * @param {readonly Call[]} calls
   */
  constructor(message, calls) {
    super(message);
    this.name = "TimeoutError";
    this.#calls = calls;
  }

  /** The most recent calls, oldest first. */
  get calls() {
    return this.#calls;
  }
}

/**
 * Starts a server. See `Server.start`.
 *
 * @param {StartOptions} [options]
 * @returns {Promise<Server>}
 */
export async function start(options) {
  return await Server.start(options);
}

/**
 * An ecmock server: a process on a free port (see `Server.start`), or a running server (see `Server.at`).
 *
 * `await using server = await Server.start()` stops the server at the end of the block.
 */
export class Server {
  /** @type {string | undefined} */
  #endpoint;
  /** @type {ServerProcess | undefined} */
  #process;

  /**
   * @private
   * @param {string} endpoint
   * @param {string} [secretKey]
   * @param {ServerProcess} [process]
   */
  constructor(endpoint, secretKey = "ecmock", process = undefined) {
    this.#endpoint = endpoint;
    this.#process = process;
    /**
     * Key that the accounts of `account` sign with.
     *
     * @readonly
     */
    this.secretKey = secretKey;
  }

  /**
   * Starts a server on a free port, and waits until it is ready.
   *
   * The server stops when this process ends, even if it is killed. It does not keep this process running.
   *
   * @param {StartOptions} [options]
   * @returns {Promise<Server>}
   * @throws {StartError} if the program cannot be found, exits, or is not ready in time
   */
  static async start(options = {}) {
    const args = flags(options);
    const binary = filePath(options.binary ?? (process.env.ECMOCK_BIN || installedBinary() || "ecmock"));
    const started = newProcess(binary, args);
    const endpoint = await started.ready(binary, options.startTimeoutMs ?? 10_000);
    return new Server(endpoint, options.secretKey, started);
  }

  /**
   * Returns the server that runs at an endpoint, for example `http://127.0.0.1:7190`. `stop` has no effect on it.
   *
   * @param {string} [endpoint] Defaults to the variable `ECMOCK_ENDPOINT`.
   * @param {AttachOptions} [options]
   * @returns {Promise<Server>}
   * @throws {StartError} if no server answers
   */
  static async at(endpoint = process.env.ECMOCK_ENDPOINT ?? "", options = {}) {
    rejectUnknown(options, ["secretKey"]);
    if (!/^http:\/\/[^/]+\/?$/.test(endpoint)) {
      throw new StartError(`invalid endpoint \`${endpoint}\`; expected, for example, http://127.0.0.1:7190`);
    }
    const server = new Server(endpoint.replace(/\/$/, ""), options.secretKey);
    try {
      const health = await server.health();
      if (health?.Status !== "ready") throw new Error("the response is not that of ecmock");
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new StartError(`no ecmock server answers at ${endpoint}: ${message}`, { cause: error });
    }
    return server;
  }

  /**
   * Stops a server that `start` started, and returns its exit status.
   *
   * The status is 0 if all calls in flight were answered in time, and null if the server was killed. The server is
   * killed after five seconds.
   *
   * @returns {Promise<number | null>} null for a server that `at` returned
   */
  async stop() {
    if (!this.#process) return null;
    this.#endpoint = undefined;
    return await this.#process.stop();
  }

  /** Stops the server at the end of an `await using` block. See `stop`. */
  async [Symbol.asyncDispose]() {
    await this.stop();
  }

  /** The URL of the server, for example `http://127.0.0.1:7190`. */
  get endpoint() {
    if (!this.#endpoint) throw new StartError("the server has been stopped");
    return this.#endpoint;
  }

  /** The endpoint without its scheme, for example `127.0.0.1:7190`. */
  get host() {
    return new URL(this.endpoint).host;
  }

  /**
   * The server's stderr, one line per call, also after `stop`. Limited to the last 16 MiB. Empty for a server that `at`
   * returned.
   */
  get log() {
    return this.#process?.log ?? "";
  }

  /**
   * The `profile.httpProfile` of an official SDK client.
   *
   * @returns {HttpProfile}
   */
  get httpProfile() {
    return { protocol: "http://", endpoint: this.host };
  }

  /**
   * Returns the account `name` (1 to 128 bytes), or a new account. Each account is an isolated cloud.
   *
   * @param {string} [name]
   * @returns {Account}
   */
  account(name = randomUUID().replaceAll("-", "")) {
    return new Account(this, name);
  }

  /**
   * Returns all accounts.
   *
   * @returns {Promise<AccountSummary[]>}
   */
  async accounts() {
    return (await ask(this, "GET", "accounts")).Accounts;
  }

  /**
   * Deletes an account.
   *
   * @param {string} name
   * @returns {Promise<void>}
   * @throws {EcmockError} 404 if the account does not exist
   */
  async forget(name) {
    await ask(this, "DELETE", `accounts/${encodeURIComponent(name)}`);
  }

  /**
   * Returns all actions of the product.
   *
   * @returns {Promise<Action[]>}
   */
  async actions() {
    return (await ask(this, "GET", "actions")).Actions;
  }

  /**
   * Returns an action with its `Example` and `Errors`.
   *
   * @param {string} name
   * @returns {Promise<ActionInFull>}
   * @throws {EcmockError} 404 if the action does not exist
   */
  async action(name) {
    return await ask(this, "GET", `actions/${encodeURIComponent(name)}`);
  }

  /**
   * Returns the server's status, version, and uptime.
   *
   * @returns {Promise<Health>}
   */
  async health() {
    return await ask(this, "GET", "health");
  }

  /**
   * Returns metrics of all accounts since the start, in the Prometheus text format.
   *
   * @returns {Promise<string>}
   */
  async metrics() {
    return await send(this, "GET", "metrics");
  }

  /**
   * Returns the certificate of the CA, which clients must trust to use HTTPS.
   *
   * @returns {Promise<string>}
   */
  async caPem() {
    return await send(this, "GET", "ca.pem");
  }
}

/**
 * One account of a server. Calls that are signed with its credential use it.
 *
 * If an `action` is null or omitted, any action matches.
 */
export class Account {
  /**
   * @param {Server} server
   * @param {string} name
   */
  constructor(server, name) {
    /** @readonly */
    this.server = server;
    /** @readonly */
    this.name = name;
  }

  /** SecretId of the account. */
  get secretId() {
    return `ecmock-${this.name}`;
  }

  /** Key of the account. */
  get secretKey() {
    return this.server.secretKey;
  }

  /**
   * The `credential` of an official SDK client.
   *
   * @returns {Credential}
   */
  get credential() {
    return { secretId: this.secretId, secretKey: this.secretKey };
  }

  /**
   * The argument of an official SDK client's constructor: the account's credential, and the server's endpoint.
   *
   * @returns {ClientConfig}
   */
  get clientConfig() {
    return { credential: this.credential, region: "", profile: { httpProfile: this.server.httpProfile } };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Parameters<typeof ask>[3]} [options]
   */
  #ask(method, path, options = {}) {
    return ask(this.server, method, path, { ...options, query: { ...options.query, account: this.name } });
  }

  /**
   * Resets resources, calls, faults, clock, and rate limits to their initial state.
   *
   * @returns {Promise<void>}
   */
  async reset() {
    await this.#ask("POST", "reset");
  }

  /**
   * Returns all resources as a fixture: `VpcSet`, `SubnetSet`, `HaVipSet`, and so on.
   *
   * @returns {Promise<Record<string, any>>}
   */
  async state() {
    return await this.#ask("GET", "state");
  }

  /**
   * Replaces all resources by those of a fixture, and returns warnings.
   *
   * @param {object} fixture
   * @returns {Promise<string[]>}
   * @throws {EcmockError} 422, with `problems`, if the fixture is invalid
   */
  async replaceState(fixture) {
    return (await this.#ask("PUT", "state", { body: fixture })).Warnings;
  }

  /**
   * Adds the resources of a fixture. They replace those with the same IDs. See also `replaceState`.
   *
   * @param {object} fixture
   * @returns {Promise<string[]>}
   */
  async mergeState(fixture) {
    return (await this.#ask("PATCH", "state", { body: fixture })).Warnings;
  }

  /**
   * Returns calls, oldest first.
   *
   * @param {string | null} [action]
   * @param {CallsOptions} [options]
   * @returns {Promise<Call[]>}
   */
  async calls(action, options = {}) {
    rejectUnknown(options, ["code", "trace", "since", "limit"]);
    return (await this.#ask("GET", "requests", { query: { action, ...options } })).Requests;
  }

  /**
   * Returns the call with a request ID.
   *
   * @param {string} requestId
   * @returns {Promise<CallInFull>}
   * @throws {EcmockError} 404 if the call does not exist
   */
  async call(requestId) {
    return await this.#ask("GET", `requests/${encodeURIComponent(requestId)}`);
  }

  /**
   * Removes all calls from the journal, and returns their number.
   *
   * @returns {Promise<number>}
   */
  async clearCalls() {
    return (await this.#ask("DELETE", "requests")).Deleted;
  }

  /**
   * Returns the first call that `calls` would return. Waits until such a call arrives.
   *
   * @param {string | null} [action]
   * @param {WaitOptions} [options]
   * @returns {Promise<Call>}
   * @throws {TimeoutError} if no such call arrives in time
   */
  async waitFor(action, options = {}) {
    rejectUnknown(options, ["code", "trace", "since", "timeoutMs"]);
    const { code, trace, since, timeoutMs = 10_000 } = options;
    const query = { action, code, trace, since, limit: 1, wait_ms: Math.round(timeoutMs) };
    const [found] = (await this.#ask("GET", "requests", { query, waitMs: timeoutMs })).Requests;
    if (found) return found;
    const expected = [action ?? "call", code].filter(Boolean).join(" -> ") + (trace ? ` of trace ${trace}` : "");
    const latest = (await this.calls(null, { since })).slice(-CALLS_SHOWN_MAX);
    const lines = [`no ${expected} within ${timeoutMs} ms`, ...latest.map((call) => `  call: ${line(call)}`)];
    throw new TimeoutError(lines.join("\n"), latest);
  }

  /**
   * Returns the documented codes that the calls of each action returned, and those that they did not.
   *
   * @param {string | null} [action]
   * @returns {Promise<Codes[]>}
   */
  async codes(action) {
    return (await this.#ask("GET", "requests", { query: { action, summary: "codes" } })).Actions;
  }

  /**
   * Calls an action without a signature, and returns its response, which has an `Error` if the call failed.
   *
   * @param {string} action
   * @param {Record<string, any>} [params]
   * @returns {Promise<Record<string, any>>}
   */
  async callAction(action, params = {}) {
    return (await this.#ask("POST", "call", { body: { Action: action, Params: params } })).Response;
  }

  /**
   * Returns the requests with at least two attempts, in the order of their first attempts.
   *
   * @param {string | null} [action]
   * @param {RetriesOptions} [options]
   * @returns {Promise<Retries[]>}
   */
  async retries(action, options = {}) {
    rejectUnknown(options, ["attempts", "since"]);
    return (await this.#ask("GET", "retries", { query: { action, ...options } })).Retries;
  }

  /**
   * Asserts that each request of an action was retried as expected, and that at least one exists.
   *
   * @param {string | null} [action]
   * @param {RetriedOptions} [options]
   * @returns {Promise<void>}
   * @throws {AssertionError} if a request was not retried as expected
   */
  async assertRetried(action, options = {}) {
    rejectUnknown(options, ["attempts", "gapMs", "succeeded", "duplicates", "since"]);
    const { attempts, gapMs, succeeded, duplicates, since } = options;
    const bounds = { Attempts: attempts, GapMs: gapMs, Succeeded: succeeded, Duplicates: duplicates };
    const body = { Action: action, Since: since, ...bounds };
    const { Ok, Problems } = await this.#ask("POST", "retries/verify", { body });
    if (Ok) return;
    throw new AssertionError({ message: Problems.join("\n"), actual: Problems, expected: options, operator: "assertRetried" });
  }

  /**
   * Checks how many calls match.
   *
   * @param {string | null} [action]
   * @param {VerifyOptions} [options]
   * @returns {Promise<Verification>}
   */
  async verify(action, options = {}) {
    return await this.#ask("POST", "verify", { body: expected(action, options) });
  }

  /**
   * Checks that `verify` finds neither too few nor too many calls.
   *
   * If too few calls match, the message lists the nearest calls and their differences. If too many match, it lists some
   * of them.
   *
   * @param {string | null} [action]
   * @param {VerifyOptions} [options]
   * @returns {Promise<void>}
   * @throws {AssertionError} if the calls are not as expected
   */
  async assertCalled(action, options = {}) {
    const found = await this.verify(action, options);
    if (found.Ok) return;
    const { params = {}, code, trace, times } = options;
    const words = [action ?? "any call"];
    if (Object.keys(params).length > 0) words.push(text(params));
    if (code) words.push(`-> ${code}`);
    if (trace) words.push(`of trace ${trace}`);
    const lines = [`expected ${words.join(" ")} ${bounds(times)}, got ${found.Matched}`];
    for (const { RequestId, Differences } of found.Nearest) {
      lines.push(`  ${Differences.length > 0 ? "nearest" : "call"}: ${line(await this.call(RequestId))}`);
      for (const { Path, Expected, Got } of Differences) {
        lines.push(`    ${Path}: expected ${text(Expected)}, got ${text(Got)}`);
      }
    }
    throw new AssertionError({
      message: lines.join("\n"),
      actual: found.Matched,
      expected: times ?? { min: 1 },
      operator: "assertCalled",
    });
  }

  /**
   * Expects calls from now until `Expectation.verify`.
   *
   * @overload
   * @param {string | null} [action]
   * @param {ExpectOptions} [options]
   * @returns {Promise<Expectation>}
   */
  /**
   * Expects calls during a function, and returns the function's result.
   *
   * @template T
   * @overload
   * @param {string | null} action
   * @param {ExpectOptions} options
   * @param {(expectation: Expectation) => T} during
   * @returns {Promise<Awaited<T>>}
   * @throws {AssertionError} if the calls are not as expected. See `assertCalled`.
   */
  /**
   * Expects calls during a function, and returns the function's result.
   *
   * @template T
   * @overload
   * @param {string | null} action
   * @param {(expectation: Expectation) => T} during
   * @returns {Promise<Awaited<T>>}
   * @throws {AssertionError} if the calls are not as expected. See `assertCalled`.
   */
  /**
   * @param {string | null} [action]
   * @param {ExpectOptions | ((expectation: Expectation) => unknown)} [options]
   * @param {(expectation: Expectation) => unknown} [during]
   * @returns {Promise<unknown>}
   */
  async expect(action, options = {}, during = undefined) {
    if (typeof options === "function") return await this.expect(action ?? null, {}, options);
    rejectUnknown(options, ["params", "code", "trace", "times"]);
    const expectation = new Expectation(this, action ?? null, options, await this.#lastSequence());
    if (!during) return expectation;
    const result = await during(expectation);
    await expectation.verify();
    return result;
  }

  /** Returns the `Sequence` of the latest call, or 0 if the journal is empty. */
  async #lastSequence() {
    const oldest = await this.#ask("GET", "requests", { query: { limit: 1 } });
    if (oldest.Requests.length === 0) return 0;
    // A reset during a call leaves a gap in the numbers, so the latest number can be greater.
    const least = oldest.Requests[0].Sequence + oldest.Total - 1;
    const latest = await this.calls(null, { since: least - 1 });
    return latest.at(-1)?.Sequence ?? least;
  }

  /**
   * Adds an expectation that the verdict checks, until a reset. See `verify`.
   *
   * @param {string | null} [action]
   * @param {VerifyOptions} [options]
   * @returns {Promise<AddedExpectation>}
   */
  async addExpectation(action, options = {}) {
    return await this.#ask("POST", "expectations", { body: expected(action, options) });
  }

  /**
   * Returns the expectations that the verdict checks.
   *
   * @returns {Promise<AddedExpectation[]>}
   */
  async expectations() {
    return (await this.#ask("GET", "expectations")).Expectations;
  }

  /**
   * Removes all expectations that the verdict checks, and returns their number.
   *
   * @returns {Promise<number>}
   */
  async clearExpectations() {
    return (await this.#ask("DELETE", "expectations")).Deleted;
  }

  /**
   * Returns the verdict: resources that are left, unused fault rules, calls above the documented rate, and so on.
   *
   * @param {VerdictOptions} [options]
   * @returns {Promise<Verdict>}
   */
  async verdict(options = {}) {
    rejectUnknown(options, ["fail"]);
    return await this.#ask("GET", "verdict", { query: { fail: options.fail?.join(",") } });
  }

  /**
   * Returns the verdict as JUnit XML: a test suite with a test per check.
   *
   * @param {VerdictOptions} [options]
   * @returns {Promise<string>}
   */
  async verdictJunit(options = {}) {
    rejectUnknown(options, ["fail"]);
    const query = { account: this.name, format: "junit", fail: options.fail?.join(",") };
    return await send(this.server, "GET", "verdict", { query });
  }

  /**
   * Asserts that no check of `verdict` fails. The message lists the findings.
   *
   * @param {VerdictOptions} [options]
   * @returns {Promise<void>}
   * @throws {AssertionError} if a check fails
   */
  async assertVerdict(options = {}) {
    const { Ok, Report, Failed } = await this.verdict(options);
    if (Ok) return;
    throw new AssertionError({ message: Report, actual: Failed, expected: [], operator: "assertVerdict" });
  }

  /**
   * Returns the fault rules, in the order they are tried.
   *
   * @returns {Promise<Fault[]>}
   */
  async faults() {
    return (await this.#ask("GET", "faults")).Faults;
  }

  /**
   * Adds a fault rule after all others.
   *
   * @param {FaultRule} rule
   * @returns {Promise<Fault>}
   * @throws {EcmockError} 400 if the rule is invalid
   */
  async addFault(rule) {
    return await this.#ask("POST", "faults", { body: rule });
  }

  /**
   * Removes a fault rule.
   *
   * @param {string} id
   * @returns {Promise<void>}
   * @throws {EcmockError} 404 if the rule does not exist
   */
  async removeFault(id) {
    await this.#ask("DELETE", `faults/${encodeURIComponent(id)}`);
  }

  /**
   * Removes all fault rules, and returns their number.
   *
   * @returns {Promise<number>}
   */
  async clearFaults() {
    return (await this.#ask("DELETE", "faults")).Deleted;
  }

  /**
   * Removes a fault rule at the end of an `await using` block.
   *
   *     await using scope = account.scoped(await account.fail("CreateHaVip", "InternalError"));
   *
   * @overload
   * @param {Fault} fault
   * @returns {FaultScope}
   */
  /**
   * Removes a fault rule at the end of a function, and returns the function's result.
   *
   *     await account.scoped(await account.fail("CreateHaVip", "InternalError"), async () => {
   *       // calls of CreateHaVip fail
   *     });
   *
   * @template T
   * @overload
   * @param {Fault} fault
   * @param {(fault: Fault) => T} during
   * @returns {Promise<Awaited<T>>}
   */
  /**
   * @param {Fault} fault
   * @param {(fault: Fault) => unknown} [during]
   * @returns {FaultScope | Promise<unknown>}
   */
  scoped(fault, during) {
    const scope = new FaultScope(this, fault);
    return during ? scope.run(during) : scope;
  }

  /**
   * Adds a rule that makes calls fail with an error code of the action.
   *
   * The rule applies to calls that match `params`: it lets the first `skip` of them through, then applies `times`
   * times.
   *
   * @param {string | null} action
   * @param {string} code
   * @param {FailOptions} [options]
   * @returns {Promise<Fault>}
   */
  async fail(action, code, options = {}) {
    const { message, ...others } = options;
    return await this.addFault({ ...rule(action, others), Error: { Code: code, Message: message ?? null } });
  }

  /**
   * Adds a rule that answers calls with an HTTP status from 200 to 599, as a proxy would. See also `fail`.
   *
   * @param {string | null} action
   * @param {number} status
   * @param {AnswerOptions} [options]
   * @returns {Promise<Fault>}
   */
  async answer(action, status, options = {}) {
    const { body = "", ...others } = options;
    return await this.addFault({ ...rule(action, others), Http: { Status: status, Body: body } });
  }

  /**
   * Adds a rule that cuts connections. See also `fail`.
   *
   * @param {string | null} action
   * @param {Connection} [how]
   *   `hang` sends no response and keeps the connection open. `truncate` sends a part of the response.
   * @param {CutOptions} [options]
   * @returns {Promise<Fault>}
   */
  async cut(action, how = "reset", options = {}) {
    return await this.addFault({ ...rule(action, options), Connection: how });
  }

  /**
   * Adds a rule that delays the real responses of calls. See also `fail`.
   *
   * @param {string | null} action
   * @param {number} delayMs
   * @param {DelayOptions} [options]
   * @returns {Promise<Fault>}
   */
  async delay(action, delayMs, options = {}) {
    rejectUnknown(options, ["params", "skip", "times"]);
    return await this.addFault({ ...rule(action, options), DelayMs: Math.round(delayMs) });
  }

  /**
   * Adds a rule that holds calls until they are released. It is removed at the end of an `await using` block.
   *
   *     await using gate = await account.hold("DeleteSubnet", { at: "checked", times: 1 });
   *
   * A call is held before it runs, or with `committed` after it ran. See also `fail`.
   *
   * @overload
   * @param {string | null} action
   * @param {HoldOptions} [options]
   * @returns {Promise<Gate>}
   */
  /**
   * Holds calls during a function, removes the rule, and returns the function's result.
   *
   *     await account.hold("DeleteSubnet", { times: 1 }, async (gate) => {
   *       await gate.wait(); // until DeleteSubnet is called
   *       await gate.release();
   *     });
   *
   * @template T
   * @overload
   * @param {string | null} action
   * @param {HoldOptions} options
   * @param {(gate: Gate) => T} during
   * @returns {Promise<Awaited<T>>}
   */
  /**
   * @param {string | null} action
   * @param {HoldOptions} [options]
   * @param {(gate: Gate) => unknown} [during]
   * @returns {Promise<unknown>}
   */
  async hold(action, options = {}, during = undefined) {
    const { at = "checked", timeMs = 60_000, ...others } = options;
    rejectUnknown(others, ["params", "skip", "times"]);
    const fault = await this.addFault({ ...rule(action, others), Hold: at, HoldMs: Math.round(timeMs) });
    const gate = new Gate(this, fault);
    return during ? await new FaultScope(this, fault).run(() => during(gate)) : gate;
  }

  /**
   * Returns when Describe calls show created resources, and the resources that are hidden.
   *
   * @returns {Promise<Visibility>}
   */
  async visibility() {
    return await this.#ask("GET", "visibility");
  }

  /**
   * Sets when Describe calls show the resources that later calls create: the number of Describe calls of the
   * resource's kind that do not show it, or a duration of the account's clock such as "1500ms", "2s", or "5m".
   * 0 shows all resources.
   *
   * @param {number | string} delay
   * @returns {Promise<Visibility>}
   */
  async setVisibleAfter(delay) {
    return await this.#ask("PUT", "visibility", { body: { VisibleAfter: delay } });
  }

  /**
   * Returns the clock, which determines signatures, rate limits, and all times.
   *
   * @returns {Promise<Clock>}
   */
  async clock() {
    return await this.#ask("GET", "clock");
  }

  /**
   * Freezes the clock at its current time, or at a Date or RFC 3339 text.
   *
   * @param {Date | string} [now]
   * @returns {Promise<Clock>}
   */
  async freezeClock(now) {
    return await this.#ask("PUT", "clock", { body: { Frozen: true, Now: now && rfc3339(now) } });
  }

  /**
   * Sets the clock, which continues to run.
   *
   * @param {Date | string} now
   * @returns {Promise<Clock>}
   */
  async setClock(now) {
    return await this.#ask("PUT", "clock", { body: { Now: rfc3339(now) } });
  }

  /**
   * Advances the clock. A frozen clock stays frozen.
   *
   * @param {number} ms
   * @returns {Promise<Clock>}
   */
  async advanceClock(ms) {
    return await this.#ask("POST", "clock/advance", { body: { Ms: Math.round(ms) } });
  }

  /**
   * Sets the clock to the time of the machine.
   *
   * @returns {Promise<Clock>}
   */
  async realClock() {
    return await this.#ask("PUT", "clock", { body: { Real: true } });
  }

  /**
   * Makes an interface announce a HAVIP, as by ARP, and returns the HAVIP.
   *
   * @param {string} haVipId
   * @param {string} networkInterfaceId
   * @returns {Promise<HaVip>}
   * @throws {EcmockError} 409 if the interface cannot announce it
   */
  async announce(haVipId, networkInterfaceId) {
    const body = { NetworkInterfaceId: networkInterfaceId };
    return (await this.#ask("POST", `havips/${encodeURIComponent(haVipId)}/announce`, { body })).HaVip;
  }

  /**
   * Withdraws a HAVIP and returns it.
   *
   * @param {string} haVipId
   * @returns {Promise<HaVip>}
   */
  async withdraw(haVipId) {
    return (await this.#ask("POST", `havips/${encodeURIComponent(haVipId)}/withdraw`)).HaVip;
  }

  /**
   * Binds an EIP to a HAVIP, or unbinds its EIP if `addressId` is null. Returns the HAVIP.
   *
   * @param {string} haVipId
   * @param {string | null} addressId
   * @returns {Promise<HaVip>}
   */
  async bindAddress(haVipId, addressId) {
    const body = { AddressId: addressId };
    return (await this.#ask("PUT", `havips/${encodeURIComponent(haVipId)}/address`, { body })).HaVip;
  }
}

/** Calls that a test expects from now on. See `Account.expect`. */
export class Expectation {
  /**
   * @param {Account} account
   * @param {string | null} action
   * @param {ExpectOptions} options
   * @param {number} since
   */
  constructor(account, action, options, since) {
    /** @readonly */
    this.account = account;
    /** @readonly */
    this.action = action;
    /** @readonly */
    this.options = options;
    /**
     * Only calls with a greater `Sequence` count.
     *
     * @readonly
     */
    this.since = since;
  }

  /**
   * Checks the calls so far. See `Account.assertCalled`.
   *
   * @returns {Promise<void>}
   * @throws {AssertionError} if the calls are not as expected
   */
  async verify() {
    await this.account.assertCalled(this.action, { ...this.options, since: this.since });
  }
}

/** A fault rule that is removed at the end of an `await using` block. See `Account.scoped`. */
export class FaultScope {
  /**
   * @param {Account} account
   * @param {Fault} fault
   */
  constructor(account, fault) {
    /** @readonly */
    this.account = account;
    /** @readonly */
    this.fault = fault;
  }

  /**
   * Removes the rule, if it still exists.
   *
   * @returns {Promise<void>}
   */
  async remove() {
    // A reset numbers rules from 1 again, so another rule may have the ID by now.
    const faults = await this.account.faults();
    if (!faults.some((other) => isSame(other, this.fault))) return;
    try {
      await this.account.removeFault(this.fault.Id);
    } catch (error) {
      if (!(error instanceof EcmockError && error.status === 404)) throw error;
    }
  }

  /**
   * Calls a function, removes the rule, and returns the function's result.
   *
   * @template T
   * @param {(fault: Fault) => T} during
   * @returns {Promise<Awaited<T>>}
   */
  async run(during) {
    let result;
    try {
      result = await during(this.fault);
    } catch (error) {
      await this.remove().catch(() => {}); // must not hide the error of the function
      throw error;
    }
    await this.remove();
    return result;
  }

  /** Removes the rule at the end of an `await using` block. See `remove`. */
  async [Symbol.asyncDispose]() {
    await this.remove();
  }
}

/** A fault rule that holds calls. It is removed at the end of an `await using` block. See `Account.hold`. */
export class Gate {
  /**
   * @param {Account} account
   * @param {Fault} fault
   */
  constructor(account, fault) {
    /** @readonly */
    this.account = account;
    /** @readonly */
    this.fault = fault;
  }

  /**
   * @param {string} method
   * @param {string} [path] A path below the rule.
   * @param {Parameters<typeof ask>[3]} [options]
   */
  #ask(method, path = "", options = {}) {
    const query = { ...options.query, account: this.account.name };
    const rule = `faults/${encodeURIComponent(this.fault.Id)}`;
    return ask(this.account.server, method, rule + path, { ...options, query });
  }

  /**
   * Returns the request IDs of the calls that are held now, oldest first.
   *
   * @returns {Promise<string[]>}
   */
  async held() {
    return (await this.#ask("GET")).Held;
  }

  /**
   * Returns what `held` returns. Waits until enough calls are held.
   *
   * @param {HeldOptions} [options]
   * @returns {Promise<string[]>}
   * @throws {TimeoutError} if too few calls are held in time
   */
  async wait(options = {}) {
    rejectUnknown(options, ["calls", "timeoutMs"]);
    const { calls = 1, timeoutMs = 10_000 } = options;
    const query = { held: calls, wait_ms: Math.round(timeoutMs) };
    const { Id, Held, Matches, Hits } = await this.#ask("GET", "", { query, waitMs: timeoutMs });
    if (Held.length >= calls) return Held;
    const counts = `(matches: ${Matches}, hits: ${Hits})`;
    const latest = (await this.account.calls()).slice(-CALLS_SHOWN_MAX);
    const lines = [`${Id} holds ${Held.length} of ${calls} calls after ${timeoutMs} ms ${counts}`];
    throw new TimeoutError([...lines, ...latest.map((call) => `  call: ${line(call)}`)].join("\n"), latest);
  }

  /**
   * Lets the oldest `calls` held calls go on, or all if `calls` is omitted. Returns how many were released.
   *
   * @param {number} [calls]
   * @returns {Promise<number>}
   */
  async release(calls) {
    return (await this.#ask("POST", "/release", { body: { Calls: calls ?? null } })).Released;
  }

  /**
   * Removes the rule, if it still exists. The calls that it holds go on.
   *
   * @returns {Promise<void>}
   */
  async remove() {
    await new FaultScope(this.account, this.fault).remove();
  }

  /** Removes the rule at the end of an `await using` block. See `remove`. */
  async [Symbol.asyncDispose]() {
    await this.remove();
  }
}

/** A server process. It stops when its stdin closes, and therefore ends with this process. */
class ServerProcess {
  /** @type {import("node:child_process").ChildProcessByStdio<Socket, Socket, null>} */
  #child;
  /** @type {Promise<number | null>} */
  #exit;
  /** @type {number | undefined} */
  #logFile; // while the server runs; a pipe would fill up
  #log = ""; // of a server that has ended
  /** @type {Promise<number | null> | undefined} */
  #stopping;

  /**
   * @param {string} binary
   * @param {string[]} args
   */
  constructor(binary, args) {
    const log = openLog();
    try {
      const child = spawn(binary, args, {
        stdio: ["pipe", "pipe", log],
        detached: true, // keeps Ctrl-C from the server: tests that clean up can still call it
        windowsHide: true,
      });
      this.#child = /** @type {any} */ (child);
      child.once("error", () => {}); // if there are no pipes, the error event follows the exception
      if (!child.stdout) throw new Error("its pipes cannot be opened");
    } catch (error) {
      closeSync(log);
      throw error;
    }
    this.#logFile = log;
    this.#exit = new Promise((resolve) => {
      this.#child.once("exit", resolve);
      this.#child.once("error", () => resolve(null)); // the process was not started
    });
  }

  /**
   * Waits until the server is ready, and returns its endpoint. Stops the process if this fails.
   *
   * @param {string} binary
   * @param {number} timeoutMs
   * @returns {Promise<string>}
   */
  async ready(binary, timeoutMs) {
    const child = this.#child;
    let output = "";
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const problem = await new Promise((resolve) => {
      timer = setTimeout(() => resolve(`was not ready after ${timeoutMs} ms`), timeoutMs);
      child.once("error", resolve);
      child.once("close", (code, signal) => resolve(`exited with ${signal ?? `status ${code}`}`));
      child.stdout.setEncoding("utf8").on("data", (chunk) => {
        if (output.length < OUTPUT_CHARS_MAX) output += chunk;
        if (/^Ready\.$/m.test(output)) resolve(undefined);
      });
    });
    clearTimeout(timer);
    child.stdout.removeAllListeners("data").resume();
    const [endpoint] = output.match(/^http:\/\/\S+/m) ?? [];
    if (!problem && endpoint) {
      for (const handle of [child, child.stdin, child.stdout]) handle.unref();
      return endpoint;
    }
    await this.stop();
    if (problem instanceof Error) throw notStarted(binary, problem);
    throw new StartError(`${binary} ${problem ?? "printed no endpoint"}; its output:\n${output}${this.log}`.trimEnd());
  }

  /** The last part of stderr. */
  get log() {
    return this.#logFile === undefined ? this.#log : readLog(this.#logFile);
  }

  /** Stops the process, and returns its exit status. */
  stop() {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end() {
    const child = this.#child;
    child.ref();
    child.stdin.destroy(); // stops the server on Windows, which has no SIGTERM
    if (process.platform !== "win32") this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), END_MS_MAX);
    const status = await this.#exit;
    clearTimeout(timer);
    child.stdout.destroy();
    this.#log = this.log;
    if (this.#logFile !== undefined) closeSync(this.#logFile);
    this.#logFile = undefined;
    return status;
  }

  /**
   * Sends a signal to the process and its children: `binary` can be a script.
   *
   * @param {NodeJS.Signals} signal
   */
  #signal(signal) {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, signal);
    } catch {
      // The process has ended.
    }
  }
}

/**
 * @param {string} binary
 * @param {string[]} args
 */
function newProcess(binary, args) {
  try {
    return new ServerProcess(binary, args);
  } catch (error) {
    throw notStarted(binary, /** @type {Error} */ (error));
  }
}

/**
 * @param {string} binary
 * @param {NodeJS.ErrnoException} cause
 */
function notStarted(binary, cause) {
  if (cause.code !== "ENOENT") return new StartError(`cannot run \`${binary}\`: ${cause.message}`, { cause });
  const cure = "set the option `binary` or the variable ECMOCK_BIN";
  return new StartError(`program \`${binary}\` not found; ${cure}`, { cause });
}

/** Opens a temporary file without a name. */
function openLog() {
  const path = join(tmpdir(), `ecmock-${randomUUID()}.log`);
  const file = openSync(path, "wx+", 0o600);
  rmSync(path);
  return file;
}

/**
 * Returns the last lines of a file. Reads at an explicit offset, as the server shares the offset of the file.
 *
 * @param {number} file
 */
function readLog(file) {
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.min(size, LOG_BYTES_MAX));
  const length = readSync(file, bytes, 0, bytes.length, size - bytes.length);
  const text = bytes.toString("utf8", 0, length);
  return size > bytes.length ? text.slice(text.indexOf("\n") + 1) : text;
}

/**
 * Returns the command-line flags of options.
 *
 * @param {StartOptions} options
 */
function flags(options) {
  const { binary, fixtures, auth, secretKey = "ecmock", credentials = [], quotas = {}, ...others } = options;
  const { seed, clock, settle, visibleAfter, rateLimit, faults, stateDir, args = [], startTimeoutMs, ...unknown } = others;
  rejectUnknown(unknown, []);
  /** @type {Record<string, readonly unknown[]>} */
  const values = {
    listen: ["127.0.0.1:0"],
    fixture: (fixtures ?? []).map(filePath),
    auth: [auth],
    credential: [`ecmock-*:${secretKey}`, ...credentials],
    quota: Object.entries(quotas).map(([name, number]) => `${name}=${number}`),
    seed: [seed],
    clock: [clock && rfc3339(clock)],
    settle: [settle],
    "visible-after": [visibleAfter],
    "rate-limit": [rateLimit],
    fault: (faults ?? []).map(filePath),
    "state-dir": [stateDir && filePath(stateDir)],
  };
  const given = Object.entries(values).flatMap(([name, list]) =>
    list.filter((value) => value !== undefined).map((value) => `--${name}=${value}`),
  );
  return ["--stop-on-stdin-eof", ...given, ...args];
}

/**
 * Returns the members of a rule that select calls.
 *
 * @param {string | null} action
 * @param {CutOptions} options
 * @returns {FaultRule}
 */
function rule(action, options) {
  rejectUnknown(options, ["params", "skip", "times", "after"]);
  const { params = {}, skip = 0, times = null, after = false } = options;
  return { Action: action, Params: params, Skip: skip, Times: times, When: after ? "after" : "before" };
}

/**
 * Returns an expectation as JSON.
 *
 * @param {string | null | undefined} action
 * @param {VerifyOptions} options
 */
function expected(action, options) {
  rejectUnknown(options, ["params", "code", "trace", "times", "since"]);
  const { params, code, trace, times, since } = options;
  const members = { Action: action, Params: params, Code: code, Trace: trace, Times: times, Since: since || null };
  return withoutNulls(members);
}

/**
 * Whether two rules are the same, apart from their counts and held calls.
 *
 * @param {Fault} one
 * @param {Fault} other
 */
function isSame(one, other) {
  const changing = { Matches: 0, Hits: 0, Held: [] };
  return isDeepStrictEqual({ ...one, ...changing }, { ...other, ...changing });
}

/**
 * Throws TypeError if an option is unknown. A misspelled option would have no effect.
 *
 * @param {object} options
 * @param {string[]} known
 */
function rejectUnknown(options, known) {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`unknown option \`${unknown}\``);
}

/**
 * Sends a request to the admin API, and returns the JSON of the response. `waitMs` is added to the usual time limit.
 *
 * @param {Server} server
 * @param {string} method
 * @param {string} path
 * @param {{ body?: object, query?: Record<string, unknown>, waitMs?: number }} [options]
 * @returns {Promise<any>}
 */
async function ask(server, method, path, options) {
  return JSON.parse(await send(server, method, path, options));
}

/**
 * Sends a request to the admin API, and returns the body of the response.
 *
 * @type {(...args: Parameters<typeof ask>) => Promise<string>}
 */
async function send(server, method, path, { body, query = {}, waitMs = 0 } = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(withoutNulls(query))) params.set(name, String(value));
  // A URL would resolve the names `.` and `..`.
  path = `/_ecmock/${path}?${params}`;
  const target = { ...urlToHttpOptions(new URL(server.endpoint)), path };
  const response = await exchange(target, method, body && JSON.stringify(body), ANSWER_MS_MAX + waitMs).catch((error) => {
    Error.captureStackTrace(error); // shows the caller, not the internals of Node
    throw error;
  });
  if (response.status < 400) return response.text;
  throw refusal(response.status, response.text);
}

/**
 * @param {number} status
 * @param {string} body
 */
function refusal(status, body) {
  try {
    const { Code, Message, Problems } = JSON.parse(body);
    if (typeof Code === "string") return new EcmockError(status, Code, Message, Problems);
  } catch {
    // The server is not ecmock.
  }
  return new EcmockError(status, "Unknown", body);
}

/**
 * Sends a request on a connection of its own. A proxy of the environment does not apply.
 *
 * @param {http.RequestOptions} target
 * @param {string} method
 * @param {string | undefined} body
 * @param {number} timeoutMs
 * @returns {Promise<{ status: number, text: string }>}
 */
function exchange(target, method, body, timeoutMs) {
  return new Promise((resolve, reject) => {
    const request = http.request({ ...target, method, agent: false, timeout: timeoutMs }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`no response within ${timeoutMs} ms`)));
    request.on("error", reject);
    request.end(body);
  });
}

/**
 * @param {Record<string, unknown>} members
 * @returns {Record<string, unknown>}
 */
function withoutNulls(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined));
}

/** @param {string | URL} path */
function filePath(path) {
  return path instanceof URL ? fileURLToPath(path) : path;
}

/** @param {Date | string} when */
function rfc3339(when) {
  return when instanceof Date ? when.toISOString() : when;
}

/** @param {Times} [times] */
function bounds(times) {
  if (times === undefined) return "at least once";
  const { min, max } = typeof times === "number" ? { min: times, max: times } : times;
  if (min === max) return min === undefined ? "at least once" : `${min} times`;
  if (min === undefined) return `at most ${max} times`;
  return max === undefined ? `${min} times or more` : `${min} to ${max} times`;
}

/**
 * Returns JSON with a space after each comma and colon, or `nothing`.
 *
 * @param {unknown} value
 */
function text(value) {
  return value === null || value === undefined ? "nothing" : json(value);
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function json(value) {
  if (Array.isArray(value)) return `[${value.map(json).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}: ${json(member)}`).join(", ")}}`;
}

/** @param {Call} call */
function line({ Action, Params, Code, RequestId }) {
  return `${Action ?? "no action"} ${text(Params)} -> ${Code ?? "no envelope"} (${RequestId})`;
}

// The types of options and of JSON.

/**
 * Options of `Server.start`. Options that are omitted default to the environment (`ECMOCK_...`), except the
 * credentials.
 *
 * @typedef {object} StartOptions
 * @property {string | URL} [binary]
 *   Path or name of the program. Defaults to the variable `ECMOCK_BIN`, then to the installed program for this
 *   platform, then to `ecmock` on the PATH.
 * @property {readonly (string | URL)[]} [fixtures] Paths of fixture files. The fixture "none" is an empty cloud.
 * @property {"open" | "verify"} [auth] Whether the server checks signatures (`verify`).
 * @property {string} [secretKey] Key that the accounts of `Server.account` sign with. Defaults to `ecmock`.
 * @property {readonly string[]} [credentials] Additional credentials, each "ID:KEY" or "ID:KEY@ACCOUNT".
 * @property {Readonly<Record<string, number>>} [quotas] Numbers by name, for example `{ "havips-per-vpc": 2 }`.
 * @property {number | bigint} [seed] Seed of IDs and of everything else that is random.
 * @property {Date | string} [clock] Time of a frozen clock, as a Date or RFC 3339 text.
 * @property {number | string} [settle] Reads, or a duration such as "1500ms", until state changes complete.
 * @property {number | string} [visibleAfter] Describe calls, or a duration, until created resources are visible.
 * @property {number | string} [rateLimit] Calls per second and action, or "documented".
 * @property {readonly (string | URL)[]} [faults] Paths of files with fault rules.
 * @property {string | URL} [stateDir] Directory that keeps the state of accounts for the next server.
 * @property {readonly string[]} [args] Additional command-line flags.
 * @property {number} [startTimeoutMs] Time limit for the server to become ready. Defaults to 10,000.
 */

/**
 * Options of `Server.at`.
 *
 * @typedef {object} AttachOptions
 * @property {string} [secretKey] Key that the accounts of `Server.account` sign with. Defaults to `ecmock`.
 */

/**
 * The `profile.httpProfile` of an official SDK client.
 *
 * @typedef {object} HttpProfile
 * @property {string} protocol `http://`
 * @property {string} endpoint The host and port of the server.
 */

/**
 * The `credential` of an official SDK client.
 *
 * @typedef {object} Credential
 * @property {string} secretId
 * @property {string} secretKey
 */

/**
 * The argument of an official SDK client's constructor.
 *
 * @typedef {object} ClientConfig
 * @property {Credential} credential
 * @property {string} region Any region is accepted.
 * @property {{ httpProfile: HttpProfile }} profile
 */

/**
 * The server's status.
 *
 * @typedef {object} Health
 * @property {string} Status
 * @property {string} Version
 * @property {number} UptimeMs
 */

/**
 * An account with the numbers of its calls and its fault rules.
 *
 * @typedef {object} AccountSummary
 * @property {string} Name
 * @property {number} Requests
 * @property {number} Faults
 */

/**
 * A parameter of an action.
 *
 * @typedef {object} Parameter
 * @property {string} Name
 * @property {string} Type For example `string`, `int64`, or `list of object`.
 * @property {boolean} Required
 * @property {Parameter[]} [Members] Members of an object.
 */

/**
 * An action of the product.
 *
 * @typedef {object} Action
 * @property {string} Name
 * @property {string} Family
 * @property {boolean} Emulated
 * @property {number} CallsPerSecond The documented rate limit.
 * @property {Parameter[]} Parameters
 * @property {string[]} Codes The error codes that are documented for the action.
 * @property {string[]} GatewayCodes The error codes that the gateway can return for any action.
 */

/**
 * An error of an action. It is `natural` if a `Request` triggers it, and `injectable` if only a `Fault` does.
 *
 * @typedef {object} ActionError
 * @property {string} Code
 * @property {string} Phrase
 * @property {"natural" | "injectable"} Origin
 * @property {Record<string, any>} [Request]
 * @property {Record<string, any>} [State] A fixture to merge before the request.
 * @property {{ Action: string, Params: Record<string, any>, Times?: number }[]} [Before] Calls before the request.
 * @property {FaultRule} [Fault]
 */

/**
 * An action with its errors. The `Example` is a request that succeeds in the built-in demo. Only emulated actions have
 * an example.
 *
 * @typedef {Action & { Example?: { Request: Record<string, any> }, Errors: ActionError[] }} ActionInFull
 */

/**
 * The client of a call. `Name` is that of a known SDK (`Python`, `tccli`, `Node`, ...).
 *
 * @typedef {object} Client
 * @property {string | null} Name
 * @property {string | null} Version
 * @property {string | null} RequestClient
 * @property {string | null} UserAgent
 */

/**
 * The mistake in a signature: its name, and an explanation in one or two sentences.
 *
 * @typedef {object} Diagnosis
 * @property {string} Name
 * @property {string} Text
 */

/**
 * The computed texts of a signature that is wrong, or that is for a host other than the one called.
 *
 * @typedef {object} Explanation
 * @property {boolean} [Valid]
 * @property {string} [Scheme]
 * @property {string} [SignedHost]
 * @property {string} [CanonicalRequest]
 * @property {string} [StringToSign]
 * @property {string[]} [Candidates]
 * @property {Diagnosis} [Diagnosis]
 */

/**
 * The signature of a call.
 *
 * @typedef {object} Signature
 * @property {string | null} Scheme
 * @property {"unchecked" | "valid" | "invalid"} Verdict
 * @property {Diagnosis | null} Diagnosis
 */

/**
 * A call in the journal.
 *
 * @typedef {object} Call
 * @property {number} Sequence Number of the call in its account.
 * @property {string} Time Time of the account's clock, in RFC 3339.
 * @property {string} Account
 * @property {string | null} Action
 * @property {Record<string, any> | null} Params Parameters, with secrets masked.
 * @property {string | null} Region
 * @property {string} Method
 * @property {string | null} Host
 * @property {Client} Client
 * @property {string | null} Code Error code or `OK`, or null if the response had no envelope.
 * @property {string | null} Message
 * @property {string} RequestId
 * @property {string | null} TraceId From the W3C header `traceparent`, or null if the call has no valid one.
 * @property {number} DurationUs Microseconds until the response.
 * @property {Signature} Signature
 * @property {string | null} Warning An unusual name of the account, or an unusual client.
 * @property {string | null} FaultId The fault rule that was applied.
 * @property {string | null} OwnCode The code of the call itself, which a fault rule can replace. Null if it did not run.
 * @property {string[]} Created IDs of the resources that the call created.
 */

/**
 * A call with all details. `Explanation` is null if the signature is valid or was not checked.
 *
 * @typedef {Call & { Explanation: Explanation | null }} CallInFull
 */

/**
 * Options of `Account.calls`.
 *
 * @typedef {object} CallsOptions
 * @property {string | null} [code] Selects calls with this error code, or with `OK`.
 * @property {string | null} [trace] Selects calls with this `TraceId`, 32 hexadecimal digits.
 * @property {number} [since] Selects calls with a `Sequence` greater than this.
 * @property {number} [limit] Maximum number of calls.
 */

/**
 * Options of `Account.waitFor`.
 *
 * @typedef {object} WaitOptions
 * @property {string | null} [code] Selects calls with this error code, or with `OK`.
 * @property {string | null} [trace] Selects calls with this `TraceId`, 32 hexadecimal digits.
 * @property {number} [since] Selects calls with a `Sequence` greater than this.
 * @property {number} [timeoutMs] Time limit, at most 600,000. Defaults to 10,000.
 */

/**
 * A number, or bounds of it.
 *
 * @typedef {number | { min?: number, max?: number }} Times
 */

/**
 * Options of `Account.expect`.
 *
 * @typedef {object} ExpectOptions
 * @property {object} [params]
 *   Parameters that a call must contain. Members that are omitted can have any value, a list must have the same length,
 *   and null matches a member that is absent.
 * @property {string | null} [code] Error code of the calls, or `OK`. Defaults to any.
 * @property {string | null} [trace] `TraceId` of the calls, 32 hexadecimal digits. Defaults to any.
 * @property {Times} [times] Number of matching calls. Defaults to at least one.
 */

/**
 * Options of `Account.verify` and `Account.assertCalled`.
 *
 * @typedef {object} VerifyOptions
 * @property {object} [params] Parameters that a call must contain, as in `ExpectOptions`.
 * @property {string | null} [code] Error code of the calls, or `OK`. Defaults to any.
 * @property {string | null} [trace] `TraceId` of the calls, 32 hexadecimal digits. Defaults to any.
 * @property {Times} [times] Number of matching calls. Defaults to at least one.
 * @property {number} [since] Counts only calls with a `Sequence` greater than this.
 */

/**
 * A difference from the expected call.
 *
 * @typedef {object} Difference
 * @property {string} Path `Action`, `Code`, `Trace`, or a parameter such as `Filters.0.Name`.
 * @property {any} Expected
 * @property {any} Got
 */

/**
 * A call that differs from an expectation, or exceeds its count. If `Differences` is empty, the call matches and is one
 * too many.
 *
 * @typedef {object} Miss
 * @property {string} RequestId
 * @property {Difference[]} Differences
 */

/**
 * Whether calls were as expected, and how many matched.
 *
 * @typedef {object} Verification
 * @property {boolean} Ok
 * @property {number} Matched
 * @property {Miss[]} Nearest
 *   If too few calls matched, those with the fewest differences. If too many matched, some of them.
 */

/**
 * The documented codes that calls of an action returned.
 *
 * @typedef {object} Codes
 * @property {string} Action
 * @property {number} Calls
 * @property {number} Ok
 * @property {string} Summary For example, `7 of 10`.
 * @property {Record<string, number>} Met
 * @property {string[]} NotMet
 * @property {Record<string, number>} Other
 */

/**
 * The attempts of one request: calls of one action with equal parameters.
 *
 * @typedef {object} Retries
 * @property {string} Action
 * @property {Record<string, any>} Params
 * @property {number} Attempts
 * @property {number[]} GapsMs Times between the attempts, by the account's clock.
 * @property {(string | null)[]} Codes
 * @property {string[]} RequestIds
 * @property {string[]} RetriedInVain Codes that depend only on the request, and that the client retried.
 * @property {number} Succeeded Attempts that took effect.
 * @property {string[][]} Created IDs of the resources that each attempt created.
 * @property {string[]} Duplicates IDs of the resources that attempts after the first success created.
 */

/**
 * @typedef {object} RetriesOptions
 * @property {number} [attempts] Minimum number of attempts. Defaults to 2.
 * @property {number} [since] Counts only calls with a greater `Sequence`.
 */

/**
 * Options of `Account.assertRetried`. A value that is omitted is not checked.
 *
 * @typedef {object} RetriedOptions
 * @property {Times} [attempts]
 * @property {Times} [gapMs] Milliseconds from each attempt to the next.
 * @property {Times} [succeeded] Attempts that took effect.
 * @property {Times} [duplicates] Resources that attempts after the first success created.
 * @property {number} [since] Counts only calls with a greater `Sequence`.
 */

/**
 * An expectation that the verdict checks. Members that are null match any call.
 *
 * @typedef {object} AddedExpectation
 * @property {string | null} Action
 * @property {Record<string, any>} Params
 * @property {string | null} Code
 * @property {string | null} Trace
 * @property {number | { min: number, max: number | null }} Times
 * @property {number} Since
 */

/**
 * A check of a verdict.
 *
 * @typedef {"leaks" | "faults" | "expectations" | "rate" | "retries"} Check
 */

/**
 * @typedef {object} VerdictOptions
 * @property {readonly Check[]} [fail] Checks that fail the verdict. Defaults to leaks, faults, and expectations.
 */

/**
 * A resource that a call created, and that still exists. Only the request ID of the call is known if the journal no
 * longer has the call.
 *
 * @typedef {object} Leak
 * @property {string} Id
 * @property {string} Kind For example `VPC` or `HAVIP`.
 * @property {{ RequestId: string, Sequence: number | null, Action: string | null, Time: string | null }} Call
 */

/**
 * A second of the account's clock with more calls of an action than the vendor allows.
 *
 * @typedef {object} BusySecond
 * @property {string} Action
 * @property {string} Second
 * @property {number} Calls
 * @property {number} Limit
 */

/**
 * The verdict of an account.
 *
 * @typedef {object} Verdict
 * @property {string} Account
 * @property {boolean} Ok Whether `Failed` is empty.
 * @property {Check[]} Failed Checks with findings that fail the verdict.
 * @property {Check[]} Ignored Checks with findings that do not fail the verdict.
 * @property {string} Report The findings as text.
 * @property {number} LeakCount
 * @property {Leak[]} Leaks
 * @property {{ Unused: Fault[], Held: Fault[] }} Faults Rules that no call has reached, and rules that hold calls.
 * @property {(AddedExpectation & Verification & { Text: string })[]} Expectations Unmet expectations.
 * @property {BusySecond[]} Rate
 * @property {Retries[]} Retries
 * @property {Codes[]} Codes
 * @property {{ Id: string, Text: string }[]} Assumptions Rows of the fidelity page that the calls may rely on.
 */

/**
 * A way to end a connection. `hang` sends no response and keeps the connection open. `truncate` sends a part of the
 * response.
 *
 * @typedef {"reset" | "close" | "hang" | "truncate"} Connection
 */

/**
 * Where a held call waits: before it runs, or after it ran.
 *
 * @typedef {"checked" | "committed"} Hold
 */

/**
 * A fault rule. It requires `Error`, `Http`, `Connection`, `DelayMs`, or `Hold`.
 *
 * @typedef {object} FaultRule
 * @property {string | null} [Action] Action of the matching calls. Defaults to any.
 * @property {object} [Params] Parameters that a matching call must contain.
 * @property {number} [Skip] Number of matching calls to let through first.
 * @property {number | null} [Times] Number of calls to apply the rule to after that. Defaults to all.
 * @property {number} [Probability] Probability that the rule applies to such a call, from 0 to 1.
 * @property {"before" | "after"} [When] With `after`, the call takes effect and only its response is replaced.
 * @property {{ Code: string, Message?: string | null }} [Error] Error to return.
 * @property {number} [DelayMs] Milliseconds that the response is delayed.
 * @property {Hold} [Hold] Where a call waits until it is released.
 * @property {number} [HoldMs] Milliseconds until a held call goes on without a release. Defaults to 60,000.
 * @property {{ Status: number, Body?: string }} [Http] HTTP response to return.
 * @property {Connection} [Connection] The end of the connection.
 * @property {boolean} [Force] Whether `Error` can have a code that the action cannot return.
 */

/**
 * A fault rule of an account. `Matches` is the number of calls that matched it, and `Hits` the number of calls that it
 * was applied to. A rule with `Hold` has `Held`: the request IDs of the calls that it holds now, oldest first.
 *
 * @typedef {FaultRule & { Id: string, Matches: number, Hits: number, Held?: string[] }} Fault
 */

/**
 * Options of `Account.delay`.
 *
 * @typedef {object} DelayOptions
 * @property {object} [params] Parameters that a call must contain, as in `ExpectOptions`.
 * @property {number} [skip] Number of matching calls to let through first. Defaults to 0.
 * @property {number | null} [times] Number of calls to apply the rule to after that. Defaults to all.
 */

/**
 * Options of `Account.hold`.
 *
 * @typedef {object} HoldOptions
 * @property {Hold} [at] Where the calls wait. Defaults to `checked`.
 * @property {number} [timeMs] Time until a held call goes on without a release, at most 600,000. Defaults to 60,000.
 * @property {object} [params] Parameters that a call must contain, as in `ExpectOptions`.
 * @property {number} [skip] Number of matching calls to let through first. Defaults to 0.
 * @property {number | null} [times] Number of calls to apply the rule to after that. Defaults to all.
 */

/**
 * Options of `Gate.wait`.
 *
 * @typedef {object} HeldOptions
 * @property {number} [calls] Number of calls that must be held at the same time. Defaults to 1.
 * @property {number} [timeoutMs] Time limit, at most 600,000. Defaults to 10,000.
 */

/**
 * Options of `Account.cut`.
 *
 * @typedef {object} CutOptions
 * @property {object} [params] Parameters that a call must contain, as in `ExpectOptions`.
 * @property {number} [skip] Number of matching calls to let through first. Defaults to 0.
 * @property {number | null} [times] Number of calls to apply the rule to after that. Defaults to all.
 * @property {boolean} [after] Whether the call takes effect, so that only its response is lost.
 */

/**
 * Options of `Account.fail`.
 *
 * @typedef {object} FailOptions
 * @property {string | null} [message] Message of the error. Defaults to the documented phrase.
 * @property {object} [params] Parameters that a call must contain, as in `ExpectOptions`.
 * @property {number} [skip] Number of matching calls to let through first. Defaults to 0.
 * @property {number | null} [times] Number of calls to apply the rule to after that. Defaults to all.
 * @property {boolean} [after] Whether the call takes effect, so that only its response is replaced.
 */

/**
 * Options of `Account.answer`.
 *
 * @typedef {object} AnswerOptions
 * @property {string} [body] Body of the response. Defaults to an empty body.
 * @property {object} [params] Parameters that a call must contain, as in `ExpectOptions`.
 * @property {number} [skip] Number of matching calls to let through first. Defaults to 0.
 * @property {number | null} [times] Number of calls to apply the rule to after that. Defaults to all.
 * @property {boolean} [after] Whether the call takes effect, so that only its response is replaced.
 */

/**
 * The clock of an account.
 *
 * @typedef {object} Clock
 * @property {string} Now The time, in RFC 3339.
 * @property {"real" | "offset" | "frozen"} Mode
 * @property {number | null} OffsetMs Milliseconds ahead of the machine's clock, or null if the clock is frozen.
 */

/**
 * When Describe calls show the resources that calls create.
 *
 * @typedef {object} Visibility
 * @property {string} VisibleAfter Number of Describe calls, or a duration.
 * @property {{ Id: string; ReadsLeft?: number; VisibleAt?: string }[]} Hidden Resources that are not shown yet.
 */

/**
 * A HAVIP, as `DescribeHaVips` returns it.
 *
 * @typedef {object} HaVip
 * @property {string} HaVipId
 * @property {string} HaVipName
 * @property {string} Vip
 * @property {string} VpcId
 * @property {string} SubnetId
 * @property {string} NetworkInterfaceId
 * @property {string} InstanceId
 * @property {string} AddressIp
 * @property {string} State
 * @property {string} CreatedTime
 * @property {string} Business
 */
