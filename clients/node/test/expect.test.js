// Waits, assertions, and expectations.

import assert, { AssertionError } from "node:assert/strict";
import { test } from "node:test";
import { TimeoutError } from "../ecmock.js";
import { CREATE, CREATE_IN_UNKNOWN_SUBNET, Cloud, newAccount, refused, rejection, serving } from "./helpers.js";

const server = await serving();

/** Returns the lines of an AssertionError that a promise rejects with. */
async function failure(promise) {
  const error = await rejection(promise);
  assert.ok(error instanceof AssertionError, error);
  return error.message.split("\n");
}

/** Returns JSON as the messages have it. */
function spaced(value) {
  return JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, " ").replaceAll(/([{[]) | (?=[}\]])/g, "$1");
}

test("a wait ends when the call arrives", async () => {
  const { account, cloud } = newAccount(server);
  await rejection(cloud.ask("CreateHaVip", CREATE_IN_UNKNOWN_SUBNET));
  const waiting = account.waitFor("CreateHaVip", { code: "OK", timeoutMs: 60_000 });
  await cloud.create();
  const { Sequence, Params } = await waiting;
  assert.deepEqual([Sequence, Params], [2, CREATE]);
  assert.equal((await account.waitFor("CreateHaVip")).Sequence, 1);
  assert.equal((await account.waitFor("CreateHaVip", { since: 1 })).Sequence, 2);
  assert.equal((await account.waitFor()).Sequence, 1);
});

test("calls are found by their trace", async () => {
  const { account, cloud } = newAccount(server);
  const [trace, other] = ["4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"];
  for (const id of [trace, other]) {
    await new Cloud(account, { headers: { traceparent: `00-${id}-b7ad6b7169203331-01` } }).ask("DescribeVpcs");
  }
  await cloud.create();
  assert.deepEqual((await account.calls()).map(({ TraceId }) => TraceId), [trace, other, null]);
  assert.deepEqual((await account.calls(null, { trace: other })).map(({ Sequence }) => Sequence), [2]);
  assert.equal((await account.waitFor("DescribeVpcs", { trace: other })).Sequence, 2);
  await account.assertCalled("DescribeVpcs", { trace, times: 1 });
  await account.expect("DescribeVpcs", { trace, times: 0 }, () => {});
  const late = await rejection(account.waitFor("CreateHaVip", { trace, timeoutMs: 10 }));
  assert.match(late.message, new RegExp(`^no CreateHaVip of trace ${trace} within 10 ms`));
  const [first, nearest, difference] = await failure(account.assertCalled("CreateHaVip", { trace }));
  assert.equal(first, `expected CreateHaVip of trace ${trace} at least once, got 0`);
  assert.match(nearest, /^ {2}nearest: CreateHaVip /);
  assert.equal(difference, `    Trace: expected "${trace}", got nothing`);
  assert.equal((await refused(account.calls(null, { trace: "x" }))).status, 400);
});

test("a timeout shows the last calls", async () => {
  const { account, cloud } = newAccount(server);
  const early = await rejection(account.waitFor(null, { timeoutMs: 10 }));
  assert.ok(early instanceof TimeoutError);
  assert.deepEqual([early.name, early.message, early.calls], ["TimeoutError", "no call within 10 ms", []]);

  for (const name of ["1", "2", "3", "4"]) await cloud.create(name);
  const error = await rejection(account.waitFor("DeleteHaVip", { code: "OK", timeoutMs: 10 }));
  const calls = (await account.calls()).slice(1);
  assert.deepEqual(error.calls, calls);
  assert.deepEqual(error.message.split("\n"), [
    "no DeleteHaVip -> OK within 10 ms",
    ...calls.map(({ Params, RequestId }) => `  call: CreateHaVip ${spaced(Params)} -> OK (${RequestId})`),
  ]);
  assert.deepEqual(calls.map(({ Params }) => Params.HaVipName), ["2", "3", "4"]);
  assert.equal((await refused(account.waitFor(null, { timeoutMs: 601_000 }))).status, 400);
});

test("calls are verified", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create("one");
  await cloud.create("two");
  const Filters = [{ Name: "havip-name", Values: ["one", "two"] }];
  await cloud.ask("DescribeHaVips", { Filters, Limit: 5 });
  await account.assertCalled();
  await account.assertCalled("CreateHaVip", { times: 2 });
  await account.assertCalled("CreateHaVip", { params: { HaVipName: "one" }, code: "OK", times: 1 });
  await account.assertCalled("CreateHaVip", { times: { min: 1, max: 2 } });
  await account.assertCalled("CreateHaVip", { times: { max: 2 } });
  await account.assertCalled(null, { times: { min: 3 } });
  await account.assertCalled("DeleteHaVip", { times: 0 });
  await account.assertCalled("DescribeHaVips", { params: { Filters: [{ Name: "havip-name" }], Offset: null } });
  assert.equal((await account.verify("CreateHaVip", { times: 3 })).Matched, 2);
  assert.deepEqual(await account.verify("CreateHaVip", { since: 1 }), { Ok: true, Matched: 1, Nearest: [] });
  await account.assertCalled("CreateHaVip", { times: 0, since: 2 });
  const one = { params: { HaVipName: "one" }, times: 1, since: 1 };
  const lines = await failure(account.assertCalled("CreateHaVip", one));
  assert.match(lines.join("\n"), /"one".* 1 times, got 0\n {2}nearest: .*"two"/);
});

test("a failed assertion shows the bounds and has the numbers", async () => {
  const { account } = newAccount(server);
  for (const [times, text] of [
    [undefined, "at least once"],
    [2, "2 times"],
    [{ min: 2 }, "2 times or more"],
    [{ min: 2, max: 3 }, "2 to 3 times"],
    [{ min: 2, max: 2 }, "2 times"],
  ]) {
    assert.deepEqual(await failure(account.assertCalled(null, { times })), [`expected any call ${text}, got 0`]);
  }
  const error = await rejection(account.assertCalled("CreateHaVip", { times: 2 }));
  assert.deepEqual([error.code, error.actual, error.expected], ["ERR_ASSERTION", 0, 2]);
  assert.match(error.stack, /expect\.test\.js/);
});

test("too many calls are an error, too", async () => {
  const { account, cloud } = newAccount(server);
  for (const name of ["web", "web", "other"]) await cloud.create(name);
  const web = { params: { HaVipName: "web" }, times: 1 };
  const [first, ...shown] = await failure(account.assertCalled("CreateHaVip", web));
  assert.equal(first, 'expected CreateHaVip {"HaVipName": "web"} 1 times, got 2');
  const calls = (await account.calls()).slice(0, 2);
  const lines = calls.map(({ Params, RequestId }) => `  call: CreateHaVip ${spaced(Params)} -> OK (${RequestId})`);
  for (const line of shown) assert.ok(lines.includes(line), line);
  const [most] = await failure(account.assertCalled("CreateHaVip", { times: { max: 1 } }));
  assert.equal(most, "expected CreateHaVip at most 1 times, got 3");
});

test("too few calls show the nearest ones", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create("网");
  await cloud.ask("DescribeHaVips", { Filters: [{ Name: "havip-name", Values: ["one", "two"] }], Limit: 5 });
  const [created, listed] = await account.calls();
  const params = { HaVipName: "web", Vip: "172.16.0.9" };
  assert.deepEqual(await failure(account.assertCalled("CreateHaVip", { params, code: "OK" })), [
    'expected CreateHaVip {"HaVipName": "web", "Vip": "172.16.0.9"} -> OK at least once, got 0',
    `  nearest: CreateHaVip ${spaced(created.Params)} -> OK (${created.RequestId})`,
    '    HaVipName: expected "web", got "网"',
    '    Vip: expected "172.16.0.9", got nothing',
    `  nearest: DescribeHaVips ${spaced(listed.Params)} -> OK (${listed.RequestId})`,
    '    Action: expected "CreateHaVip", got "DescribeHaVips"',
    '    HaVipName: expected "web", got nothing',
    '    Vip: expected "172.16.0.9", got nothing',
  ]);
  const filters = { params: { Filters: [{ Values: ["one"] }] }, times: { min: 2, max: 3 } };
  const lines = await failure(account.assertCalled("DescribeHaVips", filters));
  assert.ok(lines.includes('    Filters.0.Values.1: expected nothing, got "two"'), lines);
});

test("an expectation counts the calls of its function", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create("before");
  const web = { params: { HaVipName: "web" }, code: "OK", times: 1 };
  const result = await account.expect("CreateHaVip", web, async (expectation) => {
    assert.equal(expectation.since, 1);
    const [unmet] = await failure(expectation.verify());
    assert.match(unmet, /1 times, got 0$/);
    await cloud.create("web");
    await expectation.verify();
    return "done";
  });
  assert.equal(result, "done");
  await account.expect("DescribeHaVips", () => cloud.names());
  await account.expect(null, { times: { min: 1, max: 2 } }, () => cloud.names());
});

test("an unmet expectation shows the nearest calls of its function", async () => {
  const { account, cloud } = newAccount(server);
  await cloud.create("web");
  const lines = await failure(
    account.expect("CreateHaVip", { params: { HaVipName: "web" } }, async () => {
      await cloud.create("db");
    }),
  );
  const { Params, RequestId } = (await account.calls()).at(-1);
  assert.deepEqual(lines, [
    'expected CreateHaVip {"HaVipName": "web"} at least once, got 0',
    `  nearest: CreateHaVip ${spaced(Params)} -> OK (${RequestId})`,
    '    HaVipName: expected "web", got "db"',
  ]);
  assert.deepEqual(await failure(account.expect(null, () => {})), ["expected any call at least once, got 0"]);
});

test("an expectation masks no error of its function", async () => {
  const { account } = newAccount(server);
  const mine = new Error("mine");
  const error = await rejection(
    account.expect("CreateHaVip", () => {
      throw mine;
    }),
  );
  assert.equal(error, mine);
});

test("an expectation can be verified without a function", async () => {
  const { account, cloud } = newAccount(server);
  const expectation = await account.expect("CreateHaVip", { times: 2 });
  for (const name of ["one", "two"]) {
    await failure(expectation.verify());
    await cloud.create(name);
  }
  await expectation.verify();
  const any = await account.expect();
  await cloud.names();
  await any.verify();
});

test("an expectation ignores earlier calls", async () => {
  const { account, cloud } = newAccount(server);
  for (const calls of [0, 1, 2]) {
    assert.equal((await account.expect()).since, calls);
    await cloud.names();
  }
  await account.clearCalls();
  await account.expect("DescribeHaVips", { times: 1 }, () => cloud.names());
  assert.equal((await account.expect()).since, 4);
  await account.reset();
  await account.expect("DescribeHaVips", { times: 2 }, async () => {
    await cloud.names();
    await account.reset();
    await cloud.names();
    await cloud.names();
  });
  assert.equal((await account.expect()).since, 7);
});

test("retries are counted", async () => {
  const { account, cloud } = newAccount(server);
  await account.freezeClock();
  await account.fail("CreateHaVip", "InternalError", { times: 1, after: true });
  await rejection(cloud.create());
  await account.advanceClock(250);
  await cloud.create();
  const [found] = await account.retries("CreateHaVip");
  assert.deepEqual([found.Attempts, found.GapsMs, found.Codes], [2, [250], ["InternalError", "OK"]]);
  const calls = await account.calls();
  const [lost, second] = calls.map((call) => call.Created);
  assert.deepEqual([found.Created, found.Duplicates], [[lost, second], second]);
  assert.equal(second.length, 1);
  const expected = { attempts: 2, gapMs: { min: 100, max: 300 }, succeeded: { min: 1 }, duplicates: { max: 1 } };
  await account.assertRetried("CreateHaVip", expected);
  await account.assertRetried(null, { since: 1, attempts: 1, duplicates: 0 });
  assert.deepEqual(await failure(account.assertRetried("CreateHaVip", { attempts: { min: 3 }, duplicates: 0 })), [
    `CreateHaVip ${JSON.stringify(found.Params)}`,
    "  attempts: expected 3 or more, got 2",
    "  duplicates: expected 0, got 1",
    `  attempt 1: InternalError (${calls[0].RequestId}) created ${lost}`,
    `  attempt 2 after 250 ms: OK (${calls[1].RequestId}) created ${second}`,
  ]);
  assert.deepEqual(await failure(account.assertRetried("DeleteHaVip")), ["no call of DeleteHaVip"]);
  assert.equal((await account.retries(null, { attempts: 3 })).length, 0);
});

test("an action is called without a signature", async () => {
  const { account } = newAccount(server);
  assert.equal((await account.callAction("DescribeVpcs", { Limit: 1 })).TotalCount, 1);
  assert.equal((await account.callAction("DescribeVpc")).Error.Code, "InvalidAction");
});

test("a verdict has the findings of all checks", async () => {
  const { account, cloud } = newAccount(server);
  await account.assertVerdict();
  const { HaVipId } = await cloud.create("web");
  const added = await account.addExpectation("CreateHaVip", { params: { HaVipName: "db" }, times: 1 });
  assert.deepEqual(await account.expectations(), [added]);
  const { Ok, Failed, Ignored, Leaks, Expectations } = await account.verdict({ fail: ["leaks"] });
  assert.deepEqual([Ok, Failed, Ignored], [false, ["leaks"], ["expectations"]]);
  const [{ RequestId, Sequence }] = await account.calls("CreateHaVip");
  assert.deepEqual([Leaks[0].Id, Leaks[0].Call.RequestId, Leaks[0].Call.Sequence], [HaVipId, RequestId, Sequence]);
  const lines = await failure(account.assertVerdict());
  assert.equal(lines[0], `verdict of account \`${account.name}\`: 2 checks failed`);
  assert.equal(lines.at(-1), '      HaVipName: expected "db", got "web"');
  assert.ok(Expectations[0].Text.startsWith('expected CreateHaVip {"HaVipName":"db"} once, got 0\n'));
  assert.match(await account.verdictJunit({ fail: [] }), /<testsuite name="\S+" tests="5" failures="0" /);
  assert.equal(await account.clearExpectations(), 1);
  await account.assertVerdict({ fail: ["expectations", "rate"] });
  assert.equal((await refused(account.verdict({ fail: ["leek"] }))).status, 400);
  await assert.rejects(account.verdict({ only: [] }), TypeError);
});
