// The client in a strict TypeScript program, with its types.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Account,
  EcmockError,
  Expectation,
  FaultScope,
  Gate,
  Server,
  StartError,
  TimeoutError,
  type ActionInFull,
  type Call,
  type CallInFull,
  type Check,
  type Clock,
  type Codes,
  type Connection,
  type Explanation,
  type FailOptions,
  type Fault,
  type FaultRule,
  type HaVip,
  type HoldOptions,
  type Retries,
  type StartOptions,
  type Times,
  type Verdict,
  type Verification,
} from "ecmock";
import { ecm } from "tencentcloud-sdk-nodejs/tencentcloud/services/ecm/index.js";

const CREATE = { VpcId: "vpc-m0c2kcun", SubnetId: "subnet-rtmfkg4w", HaVipName: "web" };

/** Fails to compile if the value has another type. */
function assertType<Type>(_: Type) {}

test("a block starts a server and stops it", async () => {
  const options: StartOptions = { auth: "open", quotas: { "havips-per-vpc": 2 }, seed: 1, fixtures: ["none"] };
  let endpoint: string;
  {
    await using server = await Server.start(options);
    endpoint = server.endpoint;
    assertType<string>(server.log);
    await using attached = await Server.at(endpoint, { secretKey: "mine" });
    assert.equal((await attached.health()).Status, "ready");
    assert.equal((await server.health()).Status, "ready");
  }
  await assert.rejects(Server.at(endpoint), StartError);
});

test("a block adds a fault and removes it", async () => {
  await using server = await Server.start();
  const account: Account = server.account();
  const client = new ecm.v20190719.Client(account.clientConfig);
  {
    await using scope = account.scoped(await account.fail("CreateHaVip", "InternalError"));
    assertType<FaultScope>(scope);
    await assert.rejects(client.CreateHaVip(CREATE), { code: "InternalError" });
  }
  const { HaVip } = await client.CreateHaVip(CREATE);
  assert.equal(HaVip?.Vip, "172.16.0.17");
});

test("a block holds calls", async () => {
  await using server = await Server.start();
  const account: Account = server.account();
  const client = new ecm.v20190719.Client(account.clientConfig);
  const options: HoldOptions = { at: "committed", times: 1 };
  let created;
  {
    await using gate = await account.hold("CreateHaVip", options);
    assertType<Gate>(gate);
    created = client.CreateHaVip(CREATE);
    assertType<string[]>(await gate.wait({ calls: 1 }));
  }
  assert.equal((await created).HaVip?.Vip, "172.16.0.17");
  assertType<number>(await account.hold(null, {}, (gate) => gate.release()));
});

test("values have precise types", async () => {
  await using server = await Server.start();
  const account = server.account("typed");
  const client = new ecm.v20190719.Client({ ...account.clientConfig, region: "ap-guangzhou" });
  const call: Promise<Call> = account.waitFor("CreateHaVip", { code: "OK", timeoutMs: 60_000 });
  await client.CreateHaVip(CREATE);

  const { Params, RequestId, Signature } = await call;
  assert.equal(Params?.["HaVipName"], "web");
  assertType<"unchecked" | "valid" | "invalid">(Signature.Verdict);
  const inFull: CallInFull = await account.call(RequestId);
  assertType<Explanation | null>(inFull.Explanation);
  assertType<Call[]>(await account.calls(null, { since: 0, limit: 1 }));
  assertType<Codes[]>(await account.codes());
  assertType<number>(await account.clearCalls());

  const clock: Clock = await account.freezeClock(new Date("2026-01-31T12:00:00Z"));
  assertType<"real" | "offset" | "frozen">(clock.Mode);
  assertType<Clock>(await account.advanceClock(1000));

  const rule: FaultRule = { Action: "CreateHaVip", Connection: "hang", When: "after", Times: 1 };
  const fault: Fault = await account.addFault(rule);
  assertType<number>(fault.Hits);
  assertType<Connection | undefined>(fault.Connection);
  const failing: FailOptions = { message: "mine", times: 1, skip: 1, after: true, params: { HaVipName: "web" } };
  assertType<Fault>(await account.fail(null, "InternalError", failing));
  assertType<Fault>(await account.answer("CreateHaVip", 503, { body: "busy" }));
  assertType<Fault>(await account.cut("CreateHaVip", "reset", { times: null }));
  assertType<Fault>(await account.delay("CreateHaVip", 100, { times: 1 }));
  assertType<string>(await account.scoped(fault, async ({ Id }) => Id));

  const action: ActionInFull = await server.action("CreateHaVip");
  assertType<"natural" | "injectable" | undefined>(action.Errors[0]?.Origin);
  const withdrawn: () => Promise<HaVip> = () => account.withdraw("havip-00000000");
  await assert.rejects(withdrawn, (error) => error instanceof EcmockError && error.status === 404);
  await assert.rejects(account.waitFor(null, { timeoutMs: 0 }), (error) => error instanceof TimeoutError);
});

test("expectations have precise types", async () => {
  await using server = await Server.start();
  const account = server.account();
  const times: Times = { min: 0, max: 1 };
  await account.assertCalled("CreateHaVip", { params: CREATE, code: "OK", times, since: 0 });
  assertType<Verification>(await account.verify());
  assertType<Retries[]>(await account.retries("CreateHaVip", { attempts: 1 }));
  assertType<Expectation>(await account.expect("CreateHaVip", { times: 0 }));
  assertType<Expectation>(await account.expect());
  assertType<number>(await account.expect(null, { times: 0 }, () => 1));
  assertType<string>(await account.expect("CreateHaVip", { times: 0 }, async ({ since }) => `${since}`));
  await assert.rejects(
    account.expect("CreateHaVip", async () => {}),
    assert.AssertionError,
  );
});

test("verdicts have precise types", async () => {
  await using server = await Server.start();
  const account = server.account();
  const fail: Check[] = ["leaks", "rate"];
  const verdict: Verdict = await account.verdict({ fail });
  assertType<Check | undefined>(verdict.Failed[0]);
  assertType<string | null | undefined>(verdict.Leaks[0]?.Call.Action);
  assertType<string | undefined>(verdict.Expectations[0]?.Nearest[0]?.RequestId);
  assertType<string>(await account.verdictJunit());
  await account.assertVerdict({ fail });
});

test("mistakes are rejected by the compiler", () => {
  const mistakes = (server: Server, account: Account) => [
    // @ts-expect-error: servers are created by `start` and `at`
    new Server("http://127.0.0.1:1"),
    // @ts-expect-error: the point does not exist
    account.hold("CreateHaVip", { at: "later" }),
    // @ts-expect-error: the option is `quotas`
    Server.start({ quota: {} }),
    // @ts-expect-error: the value is misspelled
    Server.start({ auth: "verified" }),
    // @ts-expect-error: the way is misspelled
    account.cut("CreateHaVip", "cut"),
    // @ts-expect-error: parameters belong in `params`
    account.assertCalled("CreateHaVip", { HaVipName: "web" }),
    // @ts-expect-error: bounds are an object
    account.assertRetried("CreateHaVip", { gapMs: [100, 300] }),
    // @ts-expect-error: only rules that replace a response have this option
    account.delay("CreateHaVip", 100, { after: true }),
    // @ts-expect-error: the property is read-only
    (account.name = "other"),
    // @ts-expect-error: `mergeState` takes a fixture, not a path
    account.mergeState("fixtures/failover.json"),
    // @ts-expect-error: the check is `leaks`
    account.assertVerdict({ fail: ["leak"] }),
    server,
  ];
  assert.equal(mistakes.length, 2);
});
