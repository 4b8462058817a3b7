// Servers and accounts: state, calls, clock, and failover.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { test } from "node:test";
import { Server } from "../ecmock.js";
import { CREATE, CREATE_IN_UNKNOWN_SUBNET, FAILOVER } from "./helpers.js";
import { Cloud, newAccount, refused, rejection, serving } from "./helpers.js";

const HA_VIP = "havip-failover";
const [PRIMARY, STANDBY, EIP] = ["eni-primary1", "eni-standby1", "eip-failover"];
const server = await serving();

test("accounts are listed until they are deleted", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create();
  const listed = (await server.accounts()).filter(({ Name }) => Name === account.name);
  assert.deepEqual(listed, [{ Name: account.name, Requests: 1, Faults: 0 }]);
  await server.forget(account.name);
  assert.ok(!(await server.accounts()).some(({ Name }) => Name === account.name));
  const error = await refused(server.forget(account.name));
  assert.deepEqual([error.name, error.status, error.code, error.problems], ["EcmockError", 404, "NotFound", []]);
  assert.equal(error.reason, `unknown account \`${account.name}\``);
  assert.equal(error.message, `404 NotFound: ${error.reason}`);
});

test("actions, metrics, and the CA are returned", async () => {
  await newAccount(server).cloud.create();
  const actions = await server.actions();
  assert.equal(actions.length, 132);
  assert.equal(actions.find(({ Name }) => Name === "CreateHaVip").Emulated, true);
  const action = await server.action("CreateHaVip");
  assert.equal(action.Example.Request.VpcId, "vpc-m0c2kcun");
  assert.equal((await server.action("RunInstances")).Example, undefined);
  const errorOf = (code) => action.Errors.find(({ Code }) => Code === code);
  assert.deepEqual([errorOf("ResourceNotFound").Origin, errorOf("ResourceNotFound").Fault], ["natural", undefined]);
  const injectable = errorOf("FailedOperation.InternalOperationFailure");
  assert.deepEqual([injectable.Origin, injectable.Fault.Action], ["injectable", "CreateHaVip"]);
  const { reason } = await refused(server.action("CreateHaVipp"));
  assert.equal(reason, "unknown action `CreateHaVipp`; did you mean `CreateHaVip`?");
  assert.ok((await server.metrics()).includes('ecmock_calls_total{action="CreateHaVip",code="OK"}'));
  assert.ok((await server.caPem()).startsWith("-----BEGIN CERTIFICATE-----"));
});

test("each account is an isolated cloud", async () => {
  const accounts = [1, 2, 3].map(() => newAccount(server));
  assert.equal(new Set(accounts.map(({ account }) => account.name)).size, 3);
  const haVips = await Promise.all(accounts.map(({ cloud }) => cloud.create()));
  assert.deepEqual(haVips.map(({ Vip }) => Vip), Array(3).fill("172.16.0.17"));
  for (const { account } of accounts) assert.equal((await account.calls()).length, 1);
});

test("an account can be named", async () => {
  const account = server.account("mine / 网");
  assert.deepEqual([account.name, account.secretId, account.server], ["mine / 网", "ecmock-mine / 网", server]);
  await account.state();
  await server.forget(account.name);
  assert.equal((await refused(server.account("").state())).status, 400);
});

test("the configuration of an SDK client has the credential and the endpoint", () => {
  assert.deepEqual(server.account("mine").clientConfig, {
    credential: { secretId: "ecmock-mine", secretKey: "throw-away-key" },
    region: "",
    profile: { httpProfile: { protocol: "http://", endpoint: server.host } },
  });
});

test("a reset restores the initial state", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create();
  await account.fail("CreateHaVip", "InternalError");
  await account.freezeClock();
  await account.reset();
  assert.deepEqual([await account.calls(), await account.faults(), (await account.clock()).Mode], [[], [], "real"]);
  assert.deepEqual(await cloud.names(), []);
});

test("resources are exported, replaced, and merged", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create();
  const before = await account.state();
  assert.deepEqual(before.HaVipSet.map(({ HaVipName }) => HaVipName), ["demo"]);
  assert.deepEqual(await account.mergeState(FAILOVER), []);
  assert.deepEqual(await cloud.names(), ["demo", "failover"]);
  assert.deepEqual(await account.replaceState(FAILOVER), []);
  assert.deepEqual(await cloud.names(), ["failover"]);
  const VpcSet = before.VpcSet.map((vpc) => ({ ...vpc, Mine: 1 }));
  const [warning] = await account.replaceState({ ...before, VpcSet });
  assert.ok(warning.includes("$.VpcSet[0].Mine"), warning);
  assert.deepEqual(await account.state(), before);
});

test("a bad fixture is refused with all its problems", async () => {
  const { account } = newAccount(server);
  const before = await account.state();
  const bad = { VpcSet: [{ VpcId: "x" }, { VpcId: "vpc-12345678", CidrBlock: "y" }] };
  for (const change of ["replaceState", "mergeState"]) {
    const error = await refused(account[change](bad));
    assert.deepEqual([error.status, error.code, error.problems.length], [422, "BadFixture", 3]);
    assert.deepEqual(error.message.split("\n").slice(1), error.problems.map((problem) => `  ${problem}`));
  }
  assert.deepEqual(await account.state(), before);
});

test("calls are found by action, code, and number", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create();
  await rejection(cloud.ask("CreateHaVip", CREATE_IN_UNKNOWN_SUBNET));
  await cloud.names();
  const found = async (member, ...args) => (await account.calls(...args)).map((call) => call[member]);
  assert.deepEqual(await found("Code"), ["OK", "ResourceNotFound", "OK"]);
  assert.deepEqual(await found("Code", "CreateHaVip"), ["OK", "ResourceNotFound"]);
  assert.deepEqual(await found("Action", null, { code: "OK" }), ["CreateHaVip", "DescribeHaVips"]);
  assert.deepEqual(await found("Sequence", null, { since: 1 }), [2, 3]);
  assert.deepEqual(await found("Sequence", null, { since: 1, limit: 1 }), [2]);

  const [call] = await account.calls("CreateHaVip", { code: "OK" });
  const { Explanation, ...others } = await account.call(call.RequestId);
  assert.deepEqual(others, call);
  assert.equal(Explanation.Diagnosis.Name, "HostWithoutPort"); // the SDK signs the host without its port
  assert.deepEqual([call.Params, call.Account, call.Client.Name], [CREATE, account.name, "Node"]);
  assert.deepEqual([call.Signature.Scheme, call.Signature.Verdict], ["TC3-HMAC-SHA256", "valid"]);
  assert.equal(await account.clearCalls(), 3);
  assert.deepEqual(await account.calls(), []);
  assert.equal((await refused(account.call(call.RequestId))).status, 404);
});

test("a wrong signature is explained", async () => {
  const { account } = newAccount(server);
  const { client } = new Cloud(account);
  client.credential.secretKey = "mine";
  assert.equal((await rejection(client.DescribeHaVips({}))).code, "AuthFailure.SignatureFailure");
  const [call] = await account.calls();
  assert.equal(call.Signature.Verdict, "invalid");
  assert.ok((await account.call(call.RequestId)).Explanation.StringToSign.startsWith("TC3-HMAC-SHA256\n"));
});

test("returned codes are counted", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create();
  await rejection(cloud.ask("CreateHaVip", CREATE_IN_UNKNOWN_SUBNET));
  await cloud.names();
  const [{ NotMet, ...codes }] = await account.codes("CreateHaVip");
  const Met = { ResourceNotFound: 1 };
  assert.deepEqual(codes, { Action: "CreateHaVip", Calls: 2, Ok: 1, Summary: "1 of 10", Met, Other: {} });
  assert.equal(NotMet.length, 9);
  assert.deepEqual((await account.codes()).map(({ Action }) => Action), ["CreateHaVip", "DescribeHaVips"]);
});

test("a signed call expires by the clock", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create();
  await account.advanceClock(10 * 60_000);
  assert.equal((await rejection(cloud.create())).code, "AuthFailure.SignatureExpire");
  assert.equal((await account.realClock()).Mode, "real");
  await cloud.create();
});

test("a clock is set, frozen, and advanced", async () => {
  const { account } = newAccount(server);
  const noon = await account.freezeClock(new Date("2026-01-31T12:00:00+08:00"));
  assert.deepEqual(noon, { Now: "2026-01-31T04:00:00.000Z", Mode: "frozen", OffsetMs: null });
  assert.equal((await account.advanceClock(1500)).Now, "2026-01-31T04:00:01.500Z");
  assert.equal((await account.clock()).Now, "2026-01-31T04:00:01.500Z");
  assert.equal((await account.setClock("2030-01-01T00:00:00Z")).Mode, "offset");
  const stopped = await account.freezeClock();
  assert.match(stopped.Now, /^2030-01-01T00:00:/);
  assert.equal(stopped.Mode, "frozen");
  assert.equal((await refused(account.setClock("2030-01-01"))).status, 400);
  await assert.rejects(account.setClock(new Date("")), RangeError);
});

test("a created HAVIP is visible after a Describe call", async () => {
  const { account, cloud } = newAccount(server);
  assert.deepEqual(await account.setVisibleAfter(1), { VisibleAfter: "1", Hidden: [] });
  const { HaVip } = await cloud.ask("CreateHaVip", CREATE);
  assert.deepEqual(await account.visibility(), {
    VisibleAfter: "1",
    Hidden: [{ Id: HaVip.HaVipId, ReadsLeft: 1 }],
  });
  assert.deepEqual((await cloud.ask("DescribeHaVips")).HaVipSet, []);
  assert.equal((await cloud.ask("DescribeHaVips")).HaVipSet.length, 1);
});

test("a HAVIP moves when it is announced", async () => {
  const { account, cloud } = newAccount(server);
  await account.mergeState(FAILOVER);
  const shown = async () => {
    const [haVip] = (await cloud.ask("DescribeHaVips", { HaVipIds: [HA_VIP] })).HaVipSet;
    return [haVip.State, haVip.NetworkInterfaceId, haVip.InstanceId, haVip.AddressIp];
  };

  assert.deepEqual(await shown(), ["AVAILABLE", PRIMARY, "ein-primary1", ""]);
  assert.equal((await account.announce(HA_VIP, STANDBY)).InstanceId, "ein-standby1");
  assert.equal((await account.bindAddress(HA_VIP, EIP)).AddressIp, "198.18.0.10");
  assert.deepEqual(await shown(), ["AVAILABLE", STANDBY, "ein-standby1", "198.18.0.10"]);
  assert.equal((await account.withdraw(HA_VIP)).State, "UNBIND");
  await account.bindAddress(HA_VIP, null);
  assert.deepEqual(await shown(), ["UNBIND", "", "", ""]);
  assert.equal((await refused(account.announce("havip-00000000", STANDBY))).status, 404);
  assert.equal((await refused(account.announce(HA_VIP, "mine"))).status, 400);
  assert.equal((await refused(account.announce(HA_VIP, "eni-demo0002"))).status, 409);
});

test("every path of the admin API has a method", async () => {
  const asked = new Set();
  const recorder = http.createServer((request, response) => {
    asked.add(`${request.method} ${new URL(request.url, server.endpoint).pathname}`);
    const { method, headers } = request;
    const forwarded = http.request(server.endpoint + request.url, { method, headers, agent: false }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode, answer.headers));
    });
    request.pipe(forwarded);
  });
  await once(recorder.listen(0, "127.0.0.1"), "listening");
  const recorded = await Server.at(`http://127.0.0.1:${recorder.address().port}`, { secretKey: server.secretKey });

  const account = recorded.account();
  await account.mergeState(FAILOVER);
  await new Cloud(server.account(account.name)).names();
  const [call] = await account.calls();
  await recorded.metrics();
  await recorded.caPem();
  await recorded.accounts();
  await recorded.actions();
  await recorded.action("CreateHaVip");
  await account.call(call.RequestId);
  await account.verify();
  await account.callAction("DescribeVpcs");
  await account.retries();
  await account.assertRetried();
  await account.addExpectation();
  await account.expectations();
  await account.clearExpectations();
  await account.verdict();
  await account.clearCalls();
  await account.faults();
  await account.removeFault((await account.delay(null, 1)).Id);
  const gate = await account.hold("CreateVpc");
  await gate.held();
  await gate.release();
  await gate.remove();
  await account.clearFaults();
  await account.visibility();
  await account.setVisibleAfter(0);
  await account.clock();
  await account.realClock();
  await account.advanceClock(1);
  await account.announce(HA_VIP, STANDBY);
  await account.withdraw(HA_VIP);
  await account.bindAddress(HA_VIP, EIP);
  await account.replaceState(await account.state());
  await account.reset();
  await recorded.forget(account.name);
  recorder.close();

  const response = await fetch(`${server.endpoint}/_ecmock/`);
  const { Paths } = await response.json();
  const missing = Paths.map(({ Method, Path }) => `${Method} ${Path}`)
    .filter((path) => path !== "GET /_ecmock/ready") // the same as `health`
    .filter((path) => {
      const form = new RegExp(`^${path.replace(/\{\w+\}/, "[^/]+")}$`);
      return ![...asked].some((other) => form.test(other));
    });
  assert.ok(Paths.length > 20);
  assert.deepEqual(missing, []);
});
