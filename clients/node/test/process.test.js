// Starts and stops of servers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Server, StartError } from "../ecmock.js";
import { Cloud, FAILOVER_FILE, ended, nextLine, rejection, run } from "./helpers.js";

const folder = mkdtempSync(join(tmpdir(), "ecmock-test-"));
after(() => rmSync(folder, { recursive: true }));

/** Writes a shell script, and returns its path. */
function script(name, text) {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function isRunning(endpoint) {
  return await Server.at(endpoint).then(
    () => true,
    () => false,
  );
}

test("a started server runs until it is stopped", async () => {
  const server = await Server.start();
  const { endpoint } = server;
  assert.equal(endpoint, `http://${server.host}`);
  assert.deepEqual(server.httpProfile, { protocol: "http://", endpoint: server.host });
  assert.equal((await server.health()).Status, "ready");
  assert.equal(await server.stop(), 0);
  assert.equal(await server.stop(), 0);

  const stopped = await rejection(server.account().state());
  assert.ok(stopped instanceof StartError);
  assert.equal(stopped.message, "the server has been stopped");
  const error = await rejection(Server.at(endpoint));
  assert.ok(error instanceof StartError);
  assert.ok(error.message.startsWith(`no ecmock server answers at ${endpoint}: connect ECONNREFUSED`), error);
  assert.equal(error.cause.code, "ECONNREFUSED");
});

test("the versions of the server and of the package are the same", async () => {
  const server = await Server.start();
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  assert.equal((await server.health()).Version, version);
  await server.stop();
});

test("several servers run at the same time", async () => {
  const servers = await Promise.all([1, 2, 3].map((quota) => Server.start({ quotas: { "havips-per-vpc": quota } })));
  assert.equal(new Set(servers.map((server) => server.endpoint)).size, 3);
  await Promise.all(servers.map((server) => server.stop()));
});

test("a server is stopped when it is disposed of", async () => {
  const server = await Server.start();
  const { endpoint } = server;
  await server[Symbol.asyncDispose]();
  assert.equal(await isRunning(endpoint), false);
});

test("every option reaches the server", async () => {
  const fault = join(folder, "fault.json");
  writeFileSync(fault, '{"Action":"DeleteHaVip","DelayMs":1}');
  const flags = join(folder, "flags");
  const server = await Server.start({
    binary: pathToFileURL(script("recorded", `echo "$@" > ${flags}; exec ${process.env.ECMOCK_BIN} "$@"`)),
    fixtures: [FAILOVER_FILE],
    auth: "verify",
    secretKey: "mine",
    credentials: ["AKIDother:key@other"],
    quotas: { "havips-per-vpc": 7 },
    seed: 2n ** 63n,
    clock: new Date("2026-01-31T12:00:00Z"),
    settle: 2,
    visibleAfter: "3s",
    rateLimit: "documented",
    faults: [fault],
    stateDir: pathToFileURL(join(folder, "state")),
    args: ["--log", "json"],
    startTimeoutMs: 60_000,
  });
  const account = server.account();
  assert.equal(account.secretKey, "mine");
  assert.deepEqual(await account.clock(), { Now: "2026-01-31T12:00:00.000Z", Mode: "frozen", OffsetMs: null });
  assert.equal((await account.faults())[0].Action, "DeleteHaVip");
  assert.equal((await account.state()).HaVipSet[0].HaVipId, "havip-failover");
  const { code } = await rejection(new Cloud(account).ask("DescribeHaVips"));
  assert.equal(code, "AuthFailure.SignatureExpire");
  await server.stop();
  // The log is complete once the server has ended.
  assert.equal(JSON.parse(server.log).code, code);

  const given = readFileSync(flags, "utf8").trim().split(" ");
  const expected = ["--stop-on-stdin-eof", "--credential=AKIDother:key@other", "--quota=havips-per-vpc=7"];
  for (const flag of [...expected, "--seed=9223372036854775808", "--settle=2", "--visible-after=3s", "--rate-limit=documented"]) {
    assert.ok(given.includes(flag), flag);
  }
  assert.ok(given.includes(`--state-dir=${join(folder, "state")}`));
});

test("a misspelled option is rejected", async () => {
  const account = new Server("http://127.0.0.1:1").account();
  for (const call of [
    () => Server.start({ quota: {} }),
    () => Server.at("http://127.0.0.1:1", { quota: {} }),
    () => account.calls(null, { quota: 1 }),
    () => account.waitFor(null, { quota: 1 }),
    () => account.verify(null, { quota: 1 }),
    () => account.assertCalled(null, { quota: 1 }),
    () => account.expect(null, { quota: 1 }),
    () => account.fail(null, "InternalError", { quota: 1 }),
    () => account.answer(null, 503, { quota: 1 }),
    () => account.cut(null, "reset", { quota: 1 }),
    () => account.delay(null, 1, { quota: 1 }),
  ]) {
    await assert.rejects(call, new TypeError("unknown option `quota`"));
  }
});

test("the log is readable during the run and after it", async () => {
  const server = await Server.start({ args: ["--log", "json"] });
  assert.equal(server.log, "");
  const cloud = new Cloud(server.account());
  for (let call = 0; call < 3; call++) await cloud.names();
  await server.stop();
  assert.equal(server.log.trimEnd().split("\n").length, 3);
});

test("the log is limited to its last part", async () => {
  const text = `yes ${"x".repeat(999)} | head -n 20000 >&2; echo last >&2; exec ${process.env.ECMOCK_BIN} "$@"`;
  const server = await Server.start({ binary: script("talkative", text) });
  await server.stop();
  const lines = server.log.trimEnd().split("\n");
  assert.deepEqual([lines.length, lines[0].length, lines.at(-1)], [16_778, 999, "last"]);
});

test("a failed start shows the reason", async () => {
  const invalid = await rejection(Server.start({ args: ["--seed", "x"] }));
  assert.ok(invalid instanceof StartError);
  assert.match(invalid.message, /ecmock exited with status [12]; its output:\n[^]*invalid value 'x'/);

  const missing = await rejection(Server.start({ binary: "no-such-program" }));
  assert.ok(missing instanceof StartError);
  const cure = "set the option `binary` or the variable ECMOCK_BIN";
  assert.equal(missing.message, `program \`no-such-program\` not found; ${cure}`);

  const folderError = await rejection(Server.start({ binary: folder }));
  assert.equal(folderError.message, `cannot run \`${folder}\`: spawn ${folder} EACCES`);

  const nothing = await rejection(Server.start({ binary: script("nothing", "exec no-such-program") }));
  assert.match(nothing.message, /nothing exited with status 127; its output:\n[^]*not found/);

  const killed = await rejection(Server.start({ binary: script("killed", "kill -KILL $$") }));
  assert.match(killed.message, /killed exited with SIGKILL; its output:$/);

  const silent = await rejection(Server.start({ binary: script("silent", "echo Ready.") }));
  assert.match(silent.message, /silent printed no endpoint; its output:\nReady\.$/);

  const unspawned = await rejection(Server.start({ args: ["\0"] }));
  assert.ok(unspawned instanceof StartError);
  assert.equal(unspawned.cause.code, "ERR_INVALID_ARG_VALUE");
});

test("a server that is not ready in time is stopped", async () => {
  const slow = script("slow", `echo 'still thinking' >&2; echo $$ > ${folder}/pid; exec sleep 600`);
  const error = await rejection(Server.start({ binary: slow, startTimeoutMs: 1000 }));
  assert.equal(error.message, `${slow} was not ready after 1000 ms; its output:\nstill thinking`);
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

test("no file or process is left", { skip: process.platform !== "linux" }, async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  const start = async (options) => await (await Server.start(options)).stop();
  await start();
  await rejection(start({ binary: "no-such-program" }));
  const before = open();
  for (let round = 0; round < 3; round++) {
    await start();
    await rejection(start({ args: ["--seed", "x"] }));
    await rejection(start({ args: ["\0"] }));
    await rejection(start({ binary: "no-such-program" }));
  }
  assert.equal(open(), before);
});

for (const signal of ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]) {
  test(`a server stops when its parent process ends by ${signal}`, { timeout: 20_000 }, async () => {
    const parent = run(`
      const server = await Server.start();
      console.log(server.endpoint);
      setInterval(() => {}, 60_000);
    `);
    const endpoint = await nextLine(parent);
    assert.equal(await isRunning(endpoint), true);
    const connection = connect(new URL(endpoint).port, "127.0.0.1");
    await once(connection, "connect");
    const closed = once(connection.resume(), "close"); // the server ends its connections when it stops
    parent.kill(signal);
    assert.equal(await ended(parent), signal);
    await closed;
    while (await isRunning(endpoint));
  });
}

test("a process that does not stop its server ends, and so does the server", { timeout: 20_000 }, async () => {
  const parent = run(`
    const server = await Server.start();
    await server.account().state();
    console.log(server.endpoint);
  `);
  const endpoint = await nextLine(parent);
  assert.equal(await ended(parent), 0);
  while (await isRunning(endpoint));
});

test("a terminal's Ctrl-C does not reach the server", { timeout: 20_000 }, async () => {
  const parent = run(
    `
    const server = await Server.start();
    process.once("SIGINT", async () => {
      await server.account().state();
      console.log(await server.stop());
      process.exit();
    });
    setInterval(() => {}, 60_000);
    console.log("ready");
  `,
    { detached: true },
  );
  assert.equal(await nextLine(parent), "ready");
  process.kill(-parent.pid, "SIGINT"); // the whole process group, as a terminal does
  assert.equal(await nextLine(parent), "0");
  assert.equal(await ended(parent), 0);
});

test("a server that ignores SIGTERM is killed after five seconds", { timeout: 20_000 }, async () => {
  const stubborn = script("stubborn", "trap '' TERM; echo http://127.0.0.1:1; echo Ready.; while :; do sleep 1; done");
  const server = await Server.start({ binary: stubborn });
  assert.equal(await server.stop(), null);
});

test("a server that a script starts is stopped with the script", async () => {
  const server = await Server.start({ binary: script("wrapper", `${process.env.ECMOCK_BIN} "$@"; exit`) });
  const { endpoint } = server;
  await server.stop();
  while (await isRunning(endpoint));
});

test("a proxy of the environment is ignored", async () => {
  const proxy = "http://127.0.0.1:9";
  const env = { http_proxy: proxy, HTTP_PROXY: proxy, all_proxy: proxy, NODE_USE_ENV_PROXY: "1" };
  const child = run("console.log((await (await Server.start()).health()).Status);", { env });
  assert.equal(await nextLine(child), "ready");
  assert.equal(await ended(child), 0);
});

test("an attached server keeps running", async () => {
  const server = await Server.start();
  const attached = await Server.at(`${server.endpoint}/`, { secretKey: "mine" });
  assert.deepEqual([attached.endpoint, attached.host, attached.log], [server.endpoint, server.host, ""]);
  assert.equal(attached.account().secretKey, "mine");
  assert.equal(await attached.stop(), null);
  assert.equal((await attached.health()).Status, "ready");

  const env = { ECMOCK_ENDPOINT: server.endpoint };
  const child = run("console.log((await Server.at()).endpoint);", { env });
  assert.equal(await nextLine(child), server.endpoint);
  await server.stop();
});

test("only an ecmock server can be attached to", async () => {
  const invalid = await rejection(Server.at());
  assert.ok(invalid instanceof StartError);
  assert.equal(invalid.message, "invalid endpoint ``; expected, for example, http://127.0.0.1:7190");

  for (const [status, body, reason] of [
    [501, "mine", "501 Unknown: mine"],
    [200, "{}", "the response is not that of ecmock"],
    [200, "null", "the response is not that of ecmock"],
  ]) {
    const other = http.createServer((_, response) => response.writeHead(status).end(body));
    await once(other.listen(0, "127.0.0.1"), "listening");
    const endpoint = `http://127.0.0.1:${other.address().port}`;
    const error = await rejection(Server.at(endpoint));
    assert.ok(error instanceof StartError);
    assert.equal(error.message, `no ecmock server answers at ${endpoint}: ${reason}`);
    other.close();
  }
});

test("a process that cannot be started is an error of the start", async () => {
  const empty = await rejection(Server.start({ binary: "" }));
  assert.ok(empty instanceof StartError);
  assert.match(empty.message, /^cannot run ``: /);
  const program = `
    import { Server } from ${JSON.stringify(import.meta.resolve("../ecmock.js"))};
    import { openSync } from "node:fs";
    for (let left = true; left; ) try { openSync("/dev/null"); } catch { left = false; }
    const error = await Server.start().catch((error) => error);
    console.log(error.name);
  `;
  const limited = `ulimit -n 40 && exec "$0" --input-type=module -e "$1"`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", limited, process.execPath, program], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [0, "StartError\n"], stderr);
});

test("names with dots are not resolved", async () => {
  const server = await Server.start();
  for (const name of [".", ".."]) {
    const error = await rejection(server.forget(name));
    assert.equal(error.status, 404);
    assert.equal(error.reason, `unknown account \`${name}\``);
  }
  await server.stop();
});

test("a CommonJS program can load the client", () => {
  if (!process.features.require_module) return; // an older Node
  assert.equal(createRequire(import.meta.url)("../ecmock.js").Server, Server);
});
