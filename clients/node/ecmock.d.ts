/**
 * Starts a server. See `Server.start`.
 *
 * @param {StartOptions} [options]
 * @returns {Promise<Server>}
 */
export function start(options?: StartOptions): Promise<Server>;
/** The server refused a request. */
export class EcmockError extends Error {
    /**
     * @param {number} status
     * @param {string} code
     * @param {string} reason
     * @param {readonly string[]} [problems]
     */
    constructor(status: number, code: string, reason: string, problems?: readonly string[]);
    /** HTTP status. */
    status: number;
    /** Code of the error, for example `NotFound`. */
    code: string;
    /** The server's message. */
    reason: string;
    /** Problems of a fixture, each with its JSON path. */
    problems: string[];
}
/** The server could not be found, did not start, did not respond, or was stopped. Includes its output. */
export class StartError extends Error {
    /**
     * @param {string} message
     * @param {ErrorOptions} [options]
     */
    constructor(message: string, options?: ErrorOptions);
}
/** No matching call arrived in time. The message lists the most recent calls. */
export class TimeoutError extends Error {
    /**
     * @param {string} message
     * @param {readonly Call[]} calls
     */
    constructor(message: string, calls: readonly Call[]);
    /** The most recent calls, oldest first. */
    get calls(): readonly Call[];
    #private;
}
/**
 * An ecmock server: a process on a free port (see `Server.start`), or a running server (see `Server.at`).
 *
 * `await using server = await Server.start()` stops the server at the end of the block.
 */
export class Server {
    /**
     * Starts a server on a free port, and waits until it is ready.
     *
     * The server stops when this process ends, even if it is killed. It does not keep this process running.
     *
     * @param {StartOptions} [options]
     * @returns {Promise<Server>}
     * @throws {StartError} if the program cannot be found, exits, or is not ready in time
     */
    static start(options?: StartOptions): Promise<Server>;
    /**
     * Returns the server that runs at an endpoint, for example `http://127.0.0.1:7190`. `stop` has no effect on it.
     *
     * @param {string} [endpoint] Defaults to the variable `ECMOCK_ENDPOINT`.
     * @param {AttachOptions} [options]
     * @returns {Promise<Server>}
     * @throws {StartError} if no server answers
     */
    static at(endpoint?: string, options?: AttachOptions): Promise<Server>;
    /**
     * @private
     * @param {string} endpoint
     * @param {string} [secretKey]
     * @param {ServerProcess} [process]
     */
    private constructor();
    /**
     * Key that the accounts of `account` sign with.
     *
     * @readonly
     */
    readonly secretKey: string;
    /**
     * Stops a server that `start` started, and returns its exit status.
     *
     * The status is 0 if all calls in flight were answered in time, and null if the server was killed. The server is
     * killed after five seconds.
     *
     * @returns {Promise<number | null>} null for a server that `at` returned
     */
    stop(): Promise<number | null>;
    /** The URL of the server, for example `http://127.0.0.1:7190`. */
    get endpoint(): string;
    /** The endpoint without its scheme, for example `127.0.0.1:7190`. */
    get host(): string;
    /**
     * The server's stderr, one line per call, also after `stop`. Limited to the last 16 MiB. Empty for a server that `at`
     * returned.
     */
    get log(): string;
    /**
     * The `profile.httpProfile` of an official SDK client.
     *
     * @returns {HttpProfile}
     */
    get httpProfile(): HttpProfile;
    /**
     * Returns the account `name` (1 to 128 bytes), or a new account. Each account is an isolated cloud.
     *
     * @param {string} [name]
     * @returns {Account}
     */
    account(name?: string): Account;
    /**
     * Returns all accounts.
     *
     * @returns {Promise<AccountSummary[]>}
     */
    accounts(): Promise<AccountSummary[]>;
    /**
     * Deletes an account.
     *
     * @param {string} name
     * @returns {Promise<void>}
     * @throws {EcmockError} 404 if the account does not exist
     */
    forget(name: string): Promise<void>;
    /**
     * Returns all actions of the product.
     *
     * @returns {Promise<Action[]>}
     */
    actions(): Promise<Action[]>;
    /**
     * Returns an action with its `Example` and `Errors`.
     *
     * @param {string} name
     * @returns {Promise<ActionInFull>}
     * @throws {EcmockError} 404 if the action does not exist
     */
    action(name: string): Promise<ActionInFull>;
    /**
     * Returns the server's status, version, and uptime.
     *
     * @returns {Promise<Health>}
     */
    health(): Promise<Health>;
    /**
     * Returns metrics of all accounts since the start, in the Prometheus text format.
     *
     * @returns {Promise<string>}
     */
    metrics(): Promise<string>;
    /**
     * Returns the certificate of the CA, which clients must trust to use HTTPS.
     *
     * @returns {Promise<string>}
     */
    caPem(): Promise<string>;
    /** Stops the server at the end of an `await using` block. See `stop`. */
    [Symbol.asyncDispose](): Promise<void>;
    #private;
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
    constructor(server: Server, name: string);
    /** @readonly */
    readonly server: Server;
    /** @readonly */
    readonly name: string;
    /** SecretId of the account. */
    get secretId(): string;
    /** Key of the account. */
    get secretKey(): string;
    /**
     * The `credential` of an official SDK client.
     *
     * @returns {Credential}
     */
    get credential(): Credential;
    /**
     * The argument of an official SDK client's constructor: the account's credential, and the server's endpoint.
     *
     * @returns {ClientConfig}
     */
    get clientConfig(): ClientConfig;
    /**
     * Resets resources, calls, faults, clock, and rate limits to their initial state.
     *
     * @returns {Promise<void>}
     */
    reset(): Promise<void>;
    /**
     * Returns all resources as a fixture: `VpcSet`, `SubnetSet`, `HaVipSet`, and so on.
     *
     * @returns {Promise<Record<string, any>>}
     */
    state(): Promise<Record<string, any>>;
    /**
     * Replaces all resources by those of a fixture, and returns warnings.
     *
     * @param {object} fixture
     * @returns {Promise<string[]>}
     * @throws {EcmockError} 422, with `problems`, if the fixture is invalid
     */
    replaceState(fixture: object): Promise<string[]>;
    /**
     * Adds the resources of a fixture. They replace those with the same IDs. See also `replaceState`.
     *
     * @param {object} fixture
     * @returns {Promise<string[]>}
     */
    mergeState(fixture: object): Promise<string[]>;
    /**
     * Returns calls, oldest first.
     *
     * @param {string | null} [action]
     * @param {CallsOptions} [options]
     * @returns {Promise<Call[]>}
     */
    calls(action?: string | null, options?: CallsOptions): Promise<Call[]>;
    /**
     * Returns the call with a request ID.
     *
     * @param {string} requestId
     * @returns {Promise<CallInFull>}
     * @throws {EcmockError} 404 if the call does not exist
     */
    call(requestId: string): Promise<CallInFull>;
    /**
     * Removes all calls from the journal, and returns their number.
     *
     * @returns {Promise<number>}
     */
    clearCalls(): Promise<number>;
    /**
     * Returns the first call that `calls` would return. Waits until such a call arrives.
     *
     * @param {string | null} [action]
     * @param {WaitOptions} [options]
     * @returns {Promise<Call>}
     * @throws {TimeoutError} if no such call arrives in time
     */
    waitFor(action?: string | null, options?: WaitOptions): Promise<Call>;
    /**
     * Returns the documented codes that the calls of each action returned, and those that they did not.
     *
     * @param {string | null} [action]
     * @returns {Promise<Codes[]>}
     */
    codes(action?: string | null): Promise<Codes[]>;
    /**
     * Calls an action without a signature, and returns its response, which has an `Error` if the call failed.
     *
     * @param {string} action
     * @param {Record<string, any>} [params]
     * @returns {Promise<Record<string, any>>}
     */
    callAction(action: string, params?: Record<string, any>): Promise<Record<string, any>>;
    /**
     * Returns the requests with at least two attempts, in the order of their first attempts.
     *
     * @param {string | null} [action]
     * @param {RetriesOptions} [options]
     * @returns {Promise<Retries[]>}
     */
    retries(action?: string | null, options?: RetriesOptions): Promise<Retries[]>;
    /**
     * Asserts that each request of an action was retried as expected, and that at least one exists.
     *
     * @param {string | null} [action]
     * @param {RetriedOptions} [options]
     * @returns {Promise<void>}
     * @throws {AssertionError} if a request was not retried as expected
     */
    assertRetried(action?: string | null, options?: RetriedOptions): Promise<void>;
    /**
     * Checks how many calls match.
     *
     * @param {string | null} [action]
     * @param {VerifyOptions} [options]
     * @returns {Promise<Verification>}
     */
    verify(action?: string | null, options?: VerifyOptions): Promise<Verification>;
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
    assertCalled(action?: string | null, options?: VerifyOptions): Promise<void>;
    /**
     * Expects calls from now until `Expectation.verify`.
     *
     * @overload
     * @param {string | null} [action]
     * @param {ExpectOptions} [options]
     * @returns {Promise<Expectation>}
     */
    expect(action?: string | null | undefined, options?: ExpectOptions | undefined): Promise<Expectation>;
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
    expect<T>(action: string | null, options: ExpectOptions, during: (expectation: Expectation) => T): Promise<Awaited<T>>;
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
    expect<T>(action: string | null, during: (expectation: Expectation) => T): Promise<Awaited<T>>;
    /**
     * Adds an expectation that the verdict checks, until a reset. See `verify`.
     *
     * @param {string | null} [action]
     * @param {VerifyOptions} [options]
     * @returns {Promise<AddedExpectation>}
     */
    addExpectation(action?: string | null, options?: VerifyOptions): Promise<AddedExpectation>;
    /**
     * Returns the expectations that the verdict checks.
     *
     * @returns {Promise<AddedExpectation[]>}
     */
    expectations(): Promise<AddedExpectation[]>;
    /**
     * Removes all expectations that the verdict checks, and returns their number.
     *
     * @returns {Promise<number>}
     */
    clearExpectations(): Promise<number>;
    /**
     * Returns the verdict: resources that are left, unused fault rules, calls above the documented rate, and so on.
     *
     * @param {VerdictOptions} [options]
     * @returns {Promise<Verdict>}
     */
    verdict(options?: VerdictOptions): Promise<Verdict>;
    /**
     * Returns the verdict as JUnit XML: a test suite with a test per check.
     *
     * @param {VerdictOptions} [options]
     * @returns {Promise<string>}
     */
    verdictJunit(options?: VerdictOptions): Promise<string>;
    /**
     * Asserts that no check of `verdict` fails. The message lists the findings.
     *
     * @param {VerdictOptions} [options]
     * @returns {Promise<void>}
     * @throws {AssertionError} if a check fails
     */
    assertVerdict(options?: VerdictOptions): Promise<void>;
    /**
     * Returns the fault rules, in the order they are tried.
     *
     * @returns {Promise<Fault[]>}
     */
    faults(): Promise<Fault[]>;
    /**
     * Adds a fault rule after all others.
     *
     * @param {FaultRule} rule
     * @returns {Promise<Fault>}
     * @throws {EcmockError} 400 if the rule is invalid
     */
    addFault(rule: FaultRule): Promise<Fault>;
    /**
     * Removes a fault rule.
     *
     * @param {string} id
     * @returns {Promise<void>}
     * @throws {EcmockError} 404 if the rule does not exist
     */
    removeFault(id: string): Promise<void>;
    /**
     * Removes all fault rules, and returns their number.
     *
     * @returns {Promise<number>}
     */
    clearFaults(): Promise<number>;
    /**
     * Removes a fault rule at the end of an `await using` block.
     *
     *     await using scope = account.scoped(await account.fail("CreateHaVip", "InternalError"));
     *
     * @overload
     * @param {Fault} fault
     * @returns {FaultScope}
     */
    scoped(fault: Fault): FaultScope;
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
    scoped<T>(fault: Fault, during: (fault: Fault) => T): Promise<Awaited<T>>;
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
    fail(action: string | null, code: string, options?: FailOptions): Promise<Fault>;
    /**
     * Adds a rule that answers calls with an HTTP status from 200 to 599, as a proxy would. See also `fail`.
     *
     * @param {string | null} action
     * @param {number} status
     * @param {AnswerOptions} [options]
     * @returns {Promise<Fault>}
     */
    answer(action: string | null, status: number, options?: AnswerOptions): Promise<Fault>;
    /**
     * Adds a rule that cuts connections. See also `fail`.
     *
     * @param {string | null} action
     * @param {Connection} [how]
     *   `hang` sends no response and keeps the connection open. `truncate` sends a part of the response.
     * @param {CutOptions} [options]
     * @returns {Promise<Fault>}
     */
    cut(action: string | null, how?: Connection, options?: CutOptions): Promise<Fault>;
    /**
     * Adds a rule that delays the real responses of calls. See also `fail`.
     *
     * @param {string | null} action
     * @param {number} delayMs
     * @param {DelayOptions} [options]
     * @returns {Promise<Fault>}
     */
    delay(action: string | null, delayMs: number, options?: DelayOptions): Promise<Fault>;
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
    hold(action: string | null, options?: HoldOptions | undefined): Promise<Gate>;
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
    hold<T>(action: string | null, options: HoldOptions, during: (gate: Gate) => T): Promise<Awaited<T>>;
    /**
     * Returns when Describe calls show created resources, and the resources that are hidden.
     *
     * @returns {Promise<Visibility>}
     */
    visibility(): Promise<Visibility>;
    /**
     * Sets when Describe calls show the resources that later calls create: the number of Describe calls of the
     * resource's kind that do not show it, or a duration of the account's clock such as "1500ms", "2s", or "5m".
     * 0 shows all resources.
     *
     * @param {number | string} delay
     * @returns {Promise<Visibility>}
     */
    setVisibleAfter(delay: number | string): Promise<Visibility>;
    /**
     * Returns the clock, which determines signatures, rate limits, and all times.
     *
     * @returns {Promise<Clock>}
     */
    clock(): Promise<Clock>;
    /**
     * Freezes the clock at its current time, or at a Date or RFC 3339 text.
     *
     * @param {Date | string} [now]
     * @returns {Promise<Clock>}
     */
    freezeClock(now?: Date | string): Promise<Clock>;
    /**
     * Sets the clock, which continues to run.
     *
     * @param {Date | string} now
     * @returns {Promise<Clock>}
     */
    setClock(now: Date | string): Promise<Clock>;
    /**
     * Advances the clock. A frozen clock stays frozen.
     *
     * @param {number} ms
     * @returns {Promise<Clock>}
     */
    advanceClock(ms: number): Promise<Clock>;
    /**
     * Sets the clock to the time of the machine.
     *
     * @returns {Promise<Clock>}
     */
    realClock(): Promise<Clock>;
    /**
     * Makes an interface announce a HAVIP, as by ARP, and returns the HAVIP.
     *
     * @param {string} haVipId
     * @param {string} networkInterfaceId
     * @returns {Promise<HaVip>}
     * @throws {EcmockError} 409 if the interface cannot announce it
     */
    announce(haVipId: string, networkInterfaceId: string): Promise<HaVip>;
    /**
     * Withdraws a HAVIP and returns it.
     *
     * @param {string} haVipId
     * @returns {Promise<HaVip>}
     */
    withdraw(haVipId: string): Promise<HaVip>;
    /**
     * Binds an EIP to a HAVIP, or unbinds its EIP if `addressId` is null. Returns the HAVIP.
     *
     * @param {string} haVipId
     * @param {string | null} addressId
     * @returns {Promise<HaVip>}
     */
    bindAddress(haVipId: string, addressId: string | null): Promise<HaVip>;
    #private;
}
/** Calls that a test expects from now on. See `Account.expect`. */
export class Expectation {
    /**
     * @param {Account} account
     * @param {string | null} action
     * @param {ExpectOptions} options
     * @param {number} since
     */
    constructor(account: Account, action: string | null, options: ExpectOptions, since: number);
    /** @readonly */
    readonly account: Account;
    /** @readonly */
    readonly action: string | null;
    /** @readonly */
    readonly options: ExpectOptions;
    /**
     * Only calls with a greater `Sequence` count.
     *
     * @readonly
     */
    readonly since: number;
    /**
     * Checks the calls so far. See `Account.assertCalled`.
     *
     * @returns {Promise<void>}
     * @throws {AssertionError} if the calls are not as expected
     */
    verify(): Promise<void>;
}
/** A fault rule that is removed at the end of an `await using` block. See `Account.scoped`. */
export class FaultScope {
    /**
     * @param {Account} account
     * @param {Fault} fault
     */
    constructor(account: Account, fault: Fault);
    /** @readonly */
    readonly account: Account;
    /** @readonly */
    readonly fault: Fault;
    /**
     * Removes the rule, if it still exists.
     *
     * @returns {Promise<void>}
     */
    remove(): Promise<void>;
    /**
     * Calls a function, removes the rule, and returns the function's result.
     *
     * @template T
     * @param {(fault: Fault) => T} during
     * @returns {Promise<Awaited<T>>}
     */
    run<T>(during: (fault: Fault) => T): Promise<Awaited<T>>;
    /** Removes the rule at the end of an `await using` block. See `remove`. */
    [Symbol.asyncDispose](): Promise<void>;
}
/** A fault rule that holds calls. It is removed at the end of an `await using` block. See `Account.hold`. */
export class Gate {
    /**
     * @param {Account} account
     * @param {Fault} fault
     */
    constructor(account: Account, fault: Fault);
    /** @readonly */
    readonly account: Account;
    /** @readonly */
    readonly fault: Fault;
    /**
     * Returns the request IDs of the calls that are held now, oldest first.
     *
     * @returns {Promise<string[]>}
     */
    held(): Promise<string[]>;
    /**
     * Returns what `held` returns. Waits until enough calls are held.
     *
     * @param {HeldOptions} [options]
     * @returns {Promise<string[]>}
     * @throws {TimeoutError} if too few calls are held in time
     */
    wait(options?: HeldOptions): Promise<string[]>;
    /**
     * Lets the oldest `calls` held calls go on, or all if `calls` is omitted. Returns how many were released.
     *
     * @param {number} [calls]
     * @returns {Promise<number>}
     */
    release(calls?: number): Promise<number>;
    /**
     * Removes the rule, if it still exists. The calls that it holds go on.
     *
     * @returns {Promise<void>}
     */
    remove(): Promise<void>;
    /** Removes the rule at the end of an `await using` block. See `remove`. */
    [Symbol.asyncDispose](): Promise<void>;
    #private;
}
/**
 * Options of `Server.start`. Options that are omitted default to the environment (`ECMOCK_...`), except the
 * credentials.
 */
export type StartOptions = {
    /**
     * Path or name of the program. Defaults to the variable `ECMOCK_BIN`, then to the installed program for this
     * platform, then to `ecmock` on the PATH.
     */
    binary?: string | URL | undefined;
    /**
     * Paths of fixture files. The fixture "none" is an empty cloud.
     */
    fixtures?: readonly (string | URL)[] | undefined;
    /**
     * Whether the server checks signatures (`verify`).
     */
    auth?: "verify" | "open" | undefined;
    /**
     * Key that the accounts of `Server.account` sign with. Defaults to `ecmock`.
     */
    secretKey?: string | undefined;
    /**
     * Additional credentials, each "ID:KEY" or "ID:KEY@ACCOUNT".
     */
    credentials?: readonly string[] | undefined;
    /**
     * Numbers by name, for example `{ "havips-per-vpc": 2 }`.
     */
    quotas?: Readonly<Record<string, number>> | undefined;
    /**
     * Seed of IDs and of everything else that is random.
     */
    seed?: number | bigint | undefined;
    /**
     * Time of a frozen clock, as a Date or RFC 3339 text.
     */
    clock?: string | Date | undefined;
    /**
     * Reads, or a duration such as "1500ms", until state changes complete.
     */
    settle?: string | number | undefined;
    /**
     * Describe calls, or a duration, until created resources are visible.
     */
    visibleAfter?: string | number | undefined;
    /**
     * Calls per second and action, or "documented".
     */
    rateLimit?: string | number | undefined;
    /**
     * Paths of files with fault rules.
     */
    faults?: readonly (string | URL)[] | undefined;
    /**
     * Directory that keeps the state of accounts for the next server.
     */
    stateDir?: string | URL | undefined;
    /**
     * Additional command-line flags.
     */
    args?: readonly string[] | undefined;
    /**
     * Time limit for the server to become ready. Defaults to 10,000.
     */
    startTimeoutMs?: number | undefined;
};
/**
 * Options of `Server.at`.
 */
export type AttachOptions = {
    /**
     * Key that the accounts of `Server.account` sign with. Defaults to `ecmock`.
     */
    secretKey?: string | undefined;
};
/**
 * The `profile.httpProfile` of an official SDK client.
 */
export type HttpProfile = {
    /**
     * `http://`
     */
    protocol: string;
    /**
     * The host and port of the server.
     */
    endpoint: string;
};
/**
 * The `credential` of an official SDK client.
 */
export type Credential = {
    secretId: string;
    secretKey: string;
};
/**
 * The argument of an official SDK client's constructor.
 */
export type ClientConfig = {
    credential: Credential;
    /**
     * Any region is accepted.
     */
    region: string;
    profile: {
        httpProfile: HttpProfile;
    };
};
/**
 * The server's status.
 */
export type Health = {
    Status: string;
    Version: string;
    UptimeMs: number;
};
/**
 * An account with the numbers of its calls and its fault rules.
 */
export type AccountSummary = {
    Name: string;
    Requests: number;
    Faults: number;
};
/**
 * A parameter of an action.
 */
export type Parameter = {
    Name: string;
    /**
     * For example `string`, `int64`, or `list of object`.
     */
    Type: string;
    Required: boolean;
    /**
     * Members of an object.
     */
    Members?: Parameter[] | undefined;
};
/**
 * An action of the product.
 */
export type Action = {
    Name: string;
    Family: string;
    Emulated: boolean;
    /**
     * The documented rate limit.
     */
    CallsPerSecond: number;
    Parameters: Parameter[];
    /**
     * The error codes that are documented for the action.
     */
    Codes: string[];
    /**
     * The error codes that the gateway can return for any action.
     */
    GatewayCodes: string[];
};
/**
 * An error of an action. It is `natural` if a `Request` triggers it, and `injectable` if only a `Fault` does.
 */
export type ActionError = {
    Code: string;
    Phrase: string;
    Origin: "natural" | "injectable";
    Request?: Record<string, any> | undefined;
    /**
     * A fixture to merge before the request.
     */
    State?: Record<string, any> | undefined;
    /**
     * Calls before the request.
     */
    Before?: {
        Action: string;
        Params: Record<string, any>;
        Times?: number;
    }[] | undefined;
    Fault?: FaultRule | undefined;
};
/**
 * An action with its errors. The `Example` is a request that succeeds in the built-in demo. Only emulated actions have
 * an example.
 */
export type ActionInFull = Action & {
    Example?: {
        Request: Record<string, any>;
    };
    Errors: ActionError[];
};
/**
 * The client of a call. `Name` is that of a known SDK (`Python`, `tccli`, `Node`, ...).
 */
export type Client = {
    Name: string | null;
    Version: string | null;
    RequestClient: string | null;
    UserAgent: string | null;
};
/**
 * The mistake in a signature: its name, and an explanation in one or two sentences.
 */
export type Diagnosis = {
    Name: string;
    Text: string;
};
/**
 * The computed texts of a signature that is wrong, or that is for a host other than the one called.
 */
export type Explanation = {
    Valid?: boolean | undefined;
    Scheme?: string | undefined;
    SignedHost?: string | undefined;
    CanonicalRequest?: string | undefined;
    StringToSign?: string | undefined;
    Candidates?: string[] | undefined;
    Diagnosis?: Diagnosis | undefined;
};
/**
 * The signature of a call.
 */
export type Signature = {
    Scheme: string | null;
    Verdict: "unchecked" | "valid" | "invalid";
    Diagnosis: Diagnosis | null;
};
/**
 * A call in the journal.
 */
export type Call = {
    /**
     * Number of the call in its account.
     */
    Sequence: number;
    /**
     * Time of the account's clock, in RFC 3339.
     */
    Time: string;
    Account: string;
    Action: string | null;
    /**
     * Parameters, with secrets masked.
     */
    Params: Record<string, any> | null;
    Region: string | null;
    Method: string;
    Host: string | null;
    Client: Client;
    /**
     * Error code or `OK`, or null if the response had no envelope.
     */
    Code: string | null;
    Message: string | null;
    RequestId: string;
    /**
     * From the W3C header `traceparent`, or null if the call has no valid one.
     */
    TraceId: string | null;
    /**
     * Microseconds until the response.
     */
    DurationUs: number;
    Signature: Signature;
    /**
     * An unusual name of the account, or an unusual client.
     */
    Warning: string | null;
    /**
     * The fault rule that was applied.
     */
    FaultId: string | null;
    /**
     * The code of the call itself, which a fault rule can replace. Null if it did not run.
     */
    OwnCode: string | null;
    /**
     * IDs of the resources that the call created.
     */
    Created: string[];
};
/**
 * A call with all details. `Explanation` is null if the signature is valid or was not checked.
 */
export type CallInFull = Call & {
    Explanation: Explanation | null;
};
/**
 * Options of `Account.calls`.
 */
export type CallsOptions = {
    /**
     * Selects calls with this error code, or with `OK`.
     */
    code?: string | null | undefined;
    /**
     * Selects calls with this `TraceId`, 32 hexadecimal digits.
     */
    trace?: string | null | undefined;
    /**
     * Selects calls with a `Sequence` greater than this.
     */
    since?: number | undefined;
    /**
     * Maximum number of calls.
     */
    limit?: number | undefined;
};
/**
 * Options of `Account.waitFor`.
 */
export type WaitOptions = {
    /**
     * Selects calls with this error code, or with `OK`.
     */
    code?: string | null | undefined;
    /**
     * Selects calls with this `TraceId`, 32 hexadecimal digits.
     */
    trace?: string | null | undefined;
    /**
     * Selects calls with a `Sequence` greater than this.
     */
    since?: number | undefined;
    /**
     * Time limit, at most 600,000. Defaults to 10,000.
     */
    timeoutMs?: number | undefined;
};
/**
 * A number, or bounds of it.
 */
export type Times = number | {
    min?: number;
    max?: number;
};
/**
 * Options of `Account.expect`.
 */
export type ExpectOptions = {
    /**
     * Parameters that a call must contain. Members that are omitted can have any value, a list must have the same length,
     * and null matches a member that is absent.
     */
    params?: object | undefined;
    /**
     * Error code of the calls, or `OK`. Defaults to any.
     */
    code?: string | null | undefined;
    /**
     * `TraceId` of the calls, 32 hexadecimal digits. Defaults to any.
     */
    trace?: string | null | undefined;
    /**
     * Number of matching calls. Defaults to at least one.
     */
    times?: Times | undefined;
};
/**
 * Options of `Account.verify` and `Account.assertCalled`.
 */
export type VerifyOptions = {
    /**
     * Parameters that a call must contain, as in `ExpectOptions`.
     */
    params?: object | undefined;
    /**
     * Error code of the calls, or `OK`. Defaults to any.
     */
    code?: string | null | undefined;
    /**
     * `TraceId` of the calls, 32 hexadecimal digits. Defaults to any.
     */
    trace?: string | null | undefined;
    /**
     * Number of matching calls. Defaults to at least one.
     */
    times?: Times | undefined;
    /**
     * Counts only calls with a `Sequence` greater than this.
     */
    since?: number | undefined;
};
/**
 * A difference from the expected call.
 */
export type Difference = {
    /**
     * `Action`, `Code`, `Trace`, or a parameter such as `Filters.0.Name`.
     */
    Path: string;
    Expected: any;
    Got: any;
};
/**
 * A call that differs from an expectation, or exceeds its count. If `Differences` is empty, the call matches and is one
 * too many.
 */
export type Miss = {
    RequestId: string;
    Differences: Difference[];
};
/**
 * Whether calls were as expected, and how many matched.
 */
export type Verification = {
    Ok: boolean;
    Matched: number;
    /**
     *   If too few calls matched, those with the fewest differences. If too many matched, some of them.
     */
    Nearest: Miss[];
};
/**
 * The documented codes that calls of an action returned.
 */
export type Codes = {
    Action: string;
    Calls: number;
    Ok: number;
    /**
     * For example, `7 of 10`.
     */
    Summary: string;
    Met: Record<string, number>;
    NotMet: string[];
    Other: Record<string, number>;
};
/**
 * The attempts of one request: calls of one action with equal parameters.
 */
export type Retries = {
    Action: string;
    Params: Record<string, any>;
    Attempts: number;
    /**
     * Times between the attempts, by the account's clock.
     */
    GapsMs: number[];
    Codes: (string | null)[];
    RequestIds: string[];
    /**
     * Codes that depend only on the request, and that the client retried.
     */
    RetriedInVain: string[];
    /**
     * Attempts that took effect.
     */
    Succeeded: number;
    /**
     * IDs of the resources that each attempt created.
     */
    Created: string[][];
    /**
     * IDs of the resources that attempts after the first success created.
     */
    Duplicates: string[];
};
export type RetriesOptions = {
    /**
     * Minimum number of attempts. Defaults to 2.
     */
    attempts?: number | undefined;
    /**
     * Counts only calls with a greater `Sequence`.
     */
    since?: number | undefined;
};
/**
 * Options of `Account.assertRetried`. A value that is omitted is not checked.
 */
export type RetriedOptions = {
    attempts?: Times | undefined;
    /**
     * Milliseconds from each attempt to the next.
     */
    gapMs?: Times | undefined;
    /**
     * Attempts that took effect.
     */
    succeeded?: Times | undefined;
    /**
     * Resources that attempts after the first success created.
     */
    duplicates?: Times | undefined;
    /**
     * Counts only calls with a greater `Sequence`.
     */
    since?: number | undefined;
};
/**
 * An expectation that the verdict checks. Members that are null match any call.
 */
export type AddedExpectation = {
    Action: string | null;
    Params: Record<string, any>;
    Code: string | null;
    Trace: string | null;
    Times: number | {
        min: number;
        max: number | null;
    };
    Since: number;
};
/**
 * A check of a verdict.
 */
export type Check = "leaks" | "faults" | "expectations" | "rate" | "retries";
export type VerdictOptions = {
    /**
     * Checks that fail the verdict. Defaults to leaks, faults, and expectations.
     */
    fail?: readonly Check[] | undefined;
};
/**
 * A resource that a call created, and that still exists. Only the request ID of the call is known if the journal no
 * longer has the call.
 */
export type Leak = {
    Id: string;
    /**
     * For example `VPC` or `HAVIP`.
     */
    Kind: string;
    Call: {
        RequestId: string;
        Sequence: number | null;
        Action: string | null;
        Time: string | null;
    };
};
/**
 * A second of the account's clock with more calls of an action than the vendor allows.
 */
export type BusySecond = {
    Action: string;
    Second: string;
    Calls: number;
    Limit: number;
};
/**
 * The verdict of an account.
 */
export type Verdict = {
    Account: string;
    /**
     * Whether `Failed` is empty.
     */
    Ok: boolean;
    /**
     * Checks with findings that fail the verdict.
     */
    Failed: Check[];
    /**
     * Checks with findings that do not fail the verdict.
     */
    Ignored: Check[];
    /**
     * The findings as text.
     */
    Report: string;
    LeakCount: number;
    Leaks: Leak[];
    /**
     * Rules that no call has reached, and rules that hold calls.
     */
    Faults: {
        Unused: Fault[];
        Held: Fault[];
    };
    /**
     * Unmet expectations.
     */
    Expectations: (AddedExpectation & Verification & {
        Text: string;
    })[];
    Rate: BusySecond[];
    Retries: Retries[];
    Codes: Codes[];
    /**
     * Rows of the fidelity page that the calls may rely on.
     */
    Assumptions: {
        Id: string;
        Text: string;
    }[];
};
/**
 * A way to end a connection. `hang` sends no response and keeps the connection open. `truncate` sends a part of the
 * response.
 */
export type Connection = "reset" | "close" | "hang" | "truncate";
/**
 * Where a held call waits: before it runs, or after it ran.
 */
export type Hold = "checked" | "committed";
/**
 * A fault rule. It requires `Error`, `Http`, `Connection`, `DelayMs`, or `Hold`.
 */
export type FaultRule = {
    /**
     * Action of the matching calls. Defaults to any.
     */
    Action?: string | null | undefined;
    /**
     * Parameters that a matching call must contain.
     */
    Params?: object | undefined;
    /**
     * Number of matching calls to let through first.
     */
    Skip?: number | undefined;
    /**
     * Number of calls to apply the rule to after that. Defaults to all.
     */
    Times?: number | null | undefined;
    /**
     * Probability that the rule applies to such a call, from 0 to 1.
     */
    Probability?: number | undefined;
    /**
     * With `after`, the call takes effect and only its response is replaced.
     */
    When?: "after" | "before" | undefined;
    /**
     * Error to return.
     */
    Error?: {
        Code: string;
        Message?: string | null;
    } | undefined;
    /**
     * Milliseconds that the response is delayed.
     */
    DelayMs?: number | undefined;
    /**
     * Where a call waits until it is released.
     */
    Hold?: Hold | undefined;
    /**
     * Milliseconds until a held call goes on without a release. Defaults to 60,000.
     */
    HoldMs?: number | undefined;
    /**
     * HTTP response to return.
     */
    Http?: {
        Status: number;
        Body?: string;
    } | undefined;
    /**
     * The end of the connection.
     */
    Connection?: Connection | undefined;
    /**
     * Whether `Error` can have a code that the action cannot return.
     */
    Force?: boolean | undefined;
};
/**
 * A fault rule of an account. `Matches` is the number of calls that matched it, and `Hits` the number of calls that it
 * was applied to. A rule with `Hold` has `Held`: the request IDs of the calls that it holds now, oldest first.
 */
export type Fault = FaultRule & {
    Id: string;
    Matches: number;
    Hits: number;
    Held?: string[];
};
/**
 * Options of `Account.delay`.
 */
export type DelayOptions = {
    /**
     * Parameters that a call must contain, as in `ExpectOptions`.
     */
    params?: object | undefined;
    /**
     * Number of matching calls to let through first. Defaults to 0.
     */
    skip?: number | undefined;
    /**
     * Number of calls to apply the rule to after that. Defaults to all.
     */
    times?: number | null | undefined;
};
/**
 * Options of `Account.hold`.
 */
export type HoldOptions = {
    /**
     * Where the calls wait. Defaults to `checked`.
     */
    at?: Hold | undefined;
    /**
     * Time until a held call goes on without a release, at most 600,000. Defaults to 60,000.
     */
    timeMs?: number | undefined;
    /**
     * Parameters that a call must contain, as in `ExpectOptions`.
     */
    params?: object | undefined;
    /**
     * Number of matching calls to let through first. Defaults to 0.
     */
    skip?: number | undefined;
    /**
     * Number of calls to apply the rule to after that. Defaults to all.
     */
    times?: number | null | undefined;
};
/**
 * Options of `Gate.wait`.
 */
export type HeldOptions = {
    /**
     * Number of calls that must be held at the same time. Defaults to 1.
     */
    calls?: number | undefined;
    /**
     * Time limit, at most 600,000. Defaults to 10,000.
     */
    timeoutMs?: number | undefined;
};
/**
 * Options of `Account.cut`.
 */
export type CutOptions = {
    /**
     * Parameters that a call must contain, as in `ExpectOptions`.
     */
    params?: object | undefined;
    /**
     * Number of matching calls to let through first. Defaults to 0.
     */
    skip?: number | undefined;
    /**
     * Number of calls to apply the rule to after that. Defaults to all.
     */
    times?: number | null | undefined;
    /**
     * Whether the call takes effect, so that only its response is lost.
     */
    after?: boolean | undefined;
};
/**
 * Options of `Account.fail`.
 */
export type FailOptions = {
    /**
     * Message of the error. Defaults to the documented phrase.
     */
    message?: string | null | undefined;
    /**
     * Parameters that a call must contain, as in `ExpectOptions`.
     */
    params?: object | undefined;
    /**
     * Number of matching calls to let through first. Defaults to 0.
     */
    skip?: number | undefined;
    /**
     * Number of calls to apply the rule to after that. Defaults to all.
     */
    times?: number | null | undefined;
    /**
     * Whether the call takes effect, so that only its response is replaced.
     */
    after?: boolean | undefined;
};
/**
 * Options of `Account.answer`.
 */
export type AnswerOptions = {
    /**
     * Body of the response. Defaults to an empty body.
     */
    body?: string | undefined;
    /**
     * Parameters that a call must contain, as in `ExpectOptions`.
     */
    params?: object | undefined;
    /**
     * Number of matching calls to let through first. Defaults to 0.
     */
    skip?: number | undefined;
    /**
     * Number of calls to apply the rule to after that. Defaults to all.
     */
    times?: number | null | undefined;
    /**
     * Whether the call takes effect, so that only its response is replaced.
     */
    after?: boolean | undefined;
};
/**
 * The clock of an account.
 */
export type Clock = {
    /**
     * The time, in RFC 3339.
     */
    Now: string;
    Mode: "real" | "offset" | "frozen";
    /**
     * Milliseconds ahead of the machine's clock, or null if the clock is frozen.
     */
    OffsetMs: number | null;
};
/**
 * When Describe calls show the resources that calls create.
 */
export type Visibility = {
    /**
     * Number of Describe calls, or a duration.
     */
    VisibleAfter: string;
    /**
     * Resources that are not shown yet.
     */
    Hidden: {
        Id: string;
        ReadsLeft?: number;
        VisibleAt?: string;
    }[];
};
/**
 * A HAVIP, as `DescribeHaVips` returns it.
 */
export type HaVip = {
    HaVipId: string;
    HaVipName: string;
    Vip: string;
    VpcId: string;
    SubnetId: string;
    NetworkInterfaceId: string;
    InstanceId: string;
    AddressIp: string;
    State: string;
    CreatedTime: string;
    Business: string;
};
