// Fault rules.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeoutError } from "../ecmock.js";
import { CREATE, Cloud, newAccount, refused, rejection, serving } from "./helpers.js";

const server = await serving();

test("a fault is an error of the SDK", async () => {
  const { account, cloud } = newAccount(server);
  const options = { message: "mine", times: 1, skip: 1, params: { HaVipName: "web" } };
  const fault = await account.fail("CreateHaVip", "InternalError", options);
  assert.deepEqual([fault.Id, fault.Matches, fault.Hits], ["fault-1", 0, 0]);
  await cloud.create("web");
  await cloud.create("other");
  const error = await rejection(cloud.create("web"));
  assert.deepEqual([error.code, error.message], ["InternalError", "mine"]);
  await cloud.create("web");
  assert.deepEqual(await cloud.names(), ["web", "other", "web"]);
  assert.deepEqual((await account.faults()).map(({ Matches, Hits }) => [Matches, Hits]), [[2, 1]]);
  assert.equal((await account.calls(null, { code: "InternalError" }))[0].FaultId, "fault-1");
  await account.removeFault("fault-1");
  assert.equal((await refused(account.removeFault("fault-1"))).status, 404);
});

test("a fault can apply after the change", async () => {
  const { account, cloud } = newAccount(server);
  await account.fail(null, "InternalError", { after: true, times: 1 });
  assert.equal((await rejection(cloud.create())).code, "InternalError");
  assert.deepEqual(await cloud.names(), ["demo"]);
});

test("an HTTP status is an error of the SDK", async () => {
  const { account, cloud } = newAccount(server);
  const fault = await account.answer("CreateHaVip", 503, { body: "busy", times: 1 });
  assert.deepEqual(fault.Http, { Status: 503, Body: "busy" });
  assert.equal((await rejection(cloud.create())).httpCode, 503);
  await cloud.create();
});

for (const [how, message] of [
  ["reset", /ECONNRESET/],
  ["close", /socket hang up/],
  ["hang", /network timeout/],
  ["truncate", /timeout/],
]) {
  test(`a connection that ends by \`${how}\` is an error of the SDK`, async () => {
    const { account } = newAccount(server);
    const cloud = new Cloud(account, { reqTimeout: 1 }); // second
    await account.cut("CreateHaVip", how, { times: 1 });
    assert.match((await rejection(cloud.create())).message, message);
    assert.deepEqual(await cloud.names(), how === "truncate" ? ["demo"] : []);
  });
}

test("a connection is reset by default", async () => {
  const { account } = newAccount(server);
  assert.equal((await account.cut(null)).Connection, "reset");
});

test("a delayed call has its real response", async () => {
  const { account, cloud } = newAccount(server);
  await account.delay("CreateHaVip", 250, { times: 1 });
  assert.equal((await cloud.create()).Vip, "172.16.0.17");
  assert.ok((await account.calls())[0].DurationUs >= 250_000);
});

test("a scoped fault is removed at the end of its function", async () => {
  const { account, cloud } = newAccount(server);
  const always = await account.fail("DeleteHaVip", "InternalError");
  const result = await account.scoped(await account.fail("CreateHaVip", "InternalError"), async (fault) => {
    assert.equal(fault.Id, "fault-2");
    return (await rejection(cloud.create())).code;
  });
  assert.equal(result, "InternalError");
  await cloud.create();
  assert.deepEqual(await account.faults(), [always]);

  const mine = new Error("mine");
  const error = await rejection(
    account.scoped(await account.delay(null, 1), () => {
      throw mine;
    }),
  );
  assert.equal(error, mine);
  assert.deepEqual(await account.faults(), [always]);
});

test("a scoped fault is removed when its scope is disposed of", async () => {
  const { account, cloud } = newAccount(server);
  const scope = account.scoped(await account.fail("CreateHaVip", "InternalError"));
  assert.equal(scope.fault.Id, "fault-1");
  await rejection(cloud.create());
  await scope[Symbol.asyncDispose]();
  await scope.remove();
  await cloud.create();
});

test("a scoped fault can be removed before its function ends", async () => {
  const { account } = newAccount(server);
  const newRule = () => account.fail("CreateHaVip", "InternalError");
  await account.scoped(await newRule(), (fault) => account.removeFault(fault.Id));
  await account.scoped(await newRule(), () => account.clearFaults());
  await account.scoped(await newRule(), () => account.reset());
  // IDs of rules start again after a reset.
  let other;
  await account.scoped(await newRule(), async (fault) => {
    await account.reset();
    other = await account.delay("CreateHaVip", 1);
    assert.equal(other.Id, fault.Id);
  });
  assert.deepEqual(await account.faults(), [other]);
  // As if the rule were removed between the two requests.
  await account.scoped(other, async () => {
    await account.clearFaults();
    account.faults = async () => [other];
  });
});

test("an error of a function is not replaced by an error of the removal", async () => {
  const { account } = newAccount(server);
  const mine = new Error("mine");
  const error = await rejection(
    account.scoped(await account.delay(null, 1), () => {
      account.faults = () => Promise.reject(new Error("other"));
      throw mine;
    }),
  );
  assert.equal(error, mine);
});

test("a call is held until it is released", async () => {
  const { account, cloud } = newAccount(server);
  const options = { times: 1, skip: 1, params: { HaVipName: "web" }, timeMs: 600_000 };
  const gate = await account.hold("CreateHaVip", options);
  assert.deepEqual([gate.fault.Hold, gate.fault.HoldMs, gate.fault.Held], ["checked", 600_000, []]);
  await cloud.create("web");
  const created = cloud.ask("CreateHaVip", { ...CREATE, HaVipName: "web" });
  const held = await gate.wait();
  assert.deepEqual(await gate.held(), held);
  assert.deepEqual(await cloud.names(), ["web"]);
  assert.equal(await gate.release(1), 1);
  assert.deepEqual([(await created).RequestId], held);
  assert.equal(await gate.release(), 0);
  await gate.remove();
  await gate.remove();
  assert.deepEqual(await account.faults(), []);
});

test("calls are held during a function", async () => {
  const { account, cloud } = newAccount(server);
  const calls = await account.hold("CreateHaVip", { at: "committed" }, async (gate) => {
    const calls = [cloud.create("one"), cloud.create("two")];
    assert.equal((await gate.wait({ calls: 2, timeoutMs: 60_000 })).length, 2);
    assert.equal((await cloud.names()).length, 2);
    assert.equal(await gate.release(1), 1);
    await Promise.race(calls);
    assert.equal((await gate.held()).length, 1);
    return calls;
  });
  await Promise.all(calls); // the end of the function releases the other call
  assert.deepEqual(await account.faults(), []);
});

test("a wait for a held call fails with the latest calls", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create();
  const gate = await account.hold("CreateHaVip");
  const error = await rejection(gate.wait({ calls: 2, timeoutMs: 1 }));
  assert.ok(error instanceof TimeoutError);
  assert.match(error.message, /^fault-1 holds 0 of 2 calls after 1 ms \(matches: 0, hits: 0\)\n {2}call: CreateHaVip /);
  assert.equal(error.calls.length, 1);
  await account.reset();
  assert.equal((await refused(gate.wait())).status, 404);
  await assert.rejects(account.hold("CreateHaVip", { after: true }), TypeError);
  await assert.rejects(gate.wait({ timeout: 1 }), TypeError);
  assert.equal((await refused(account.hold("CreateHaVip", { at: "later" }))).status, 400);
});

test("any rule can be added, and all can be removed", async () => {
  const { account } = newAccount(server);
  const rule = { Action: "CreateHaVip", Error: { Code: "Mine" }, Force: true, Probability: 0.5 };
  assert.equal((await account.addFault(rule)).Probability, 0.5);
  await account.fail("CreateHaVip", "LimitExceeded");
  assert.deepEqual((await account.faults()).map((fault) => fault.Error.Code), ["Mine", "LimitExceeded"]);
  assert.equal(await account.clearFaults(), 2);
  const error = await refused(account.fail("CreateHaVip", "ResourceInUse"));
  assert.deepEqual([error.status, error.code], [400, "BadRequest"]);
  assert.match(error.message, /CreateHaVip cannot return `ResourceInUse`; expected one of FailedOperation/);
});
