// The console in a real browser: each view, with calls of the official Node SDK.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Server } from "../../clients/node/ecmock.js";

// `require` finds the packages in NODE_PATH.
const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const { ecm } = require("tencentcloud-sdk-nodejs/tencentcloud/services/ecm");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** If set, the tests write the images of the documentation to this folder. */
const { CONSOLE_SCREENSHOTS: IMAGES } = process.env;
/** Time limit in ms for what a view should show. A busy machine is slow. */
const TIME_MAX = 15_000;
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
// Without these flags, Chromium calls its vendor.
const FLAGS = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
const FAILOVER = JSON.parse(readFileSync(new URL("../../fixtures/failover.json", import.meta.url), "utf8"));
// A proxy would redirect the SDK and the browser, and these variables would configure the server.
for (const name of Object.keys(process.env)) {
  if (/^((https?|all)_proxy|(ECMOCK|TENCENTCLOUD)_(?!BIN$).*|RUST_LOG)$/i.test(name)) delete process.env[name];
}

const VIEWS = ["overview", "network", "calls", "faults", "control"];
/** A text that each view of a furnished account shows. */
const SHOWN = {
  overview: "CreateHaVip 2 of 10",
  network: "HAVIP db",
  calls: "12:02:30",
  faults: "fault-1",
  control: "2026-01-31 12:02:30 UTC",
};
const CREATE = { VpcId: "vpc-m0c2kcun", SubnetId: "subnet-rtmfkg4w", HaVipName: "web" };
const GATEWAY_ADDRESS = { ...CREATE, Vip: "172.16.0.1" };
const MARKUP = "<img src=x onerror=document.title=1>";

let server;
let verifying;
let browser;

before(async () => {
  [server, verifying, browser] = await Promise.all([
    Server.start({ seed: 1 }),
    Server.start({ seed: 1, auth: "verify" }),
    chromium.launch({ executablePath: BROWSER, args: FLAGS.map((it) => `--${it}`) }),
  ]);
});

after(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), verifying?.stop()]);
});

const sdk = (account) => new ecm.v20190719.Client(account.clientConfig);
const refused = (promise) => promise.then(assert.fail, (error) => error.code);

/**
 * Opens a view of an account in a new window, and runs `use` with its page.
 *
 * Fails if the page logs an error, throws, or sends a request to another server. `refusals` is the number
 * of responses with an error status, each of which the browser logs.
 */
async function withView(account, view, use, { refusals = 0, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(TIME_MAX);
  const problems = [];
  let refusalsSeen = 0;
  page.on("console", (message) => {
    if (message.text().startsWith("Failed to load resource: the server responded")) refusalsSeen += 1;
    else if (message.type() !== "log") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.stack));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== account.server.endpoint) problems.push(request.url());
  });
  try {
    await page.goto(`${account.server.endpoint}/_ecmock/console/#${view}?account=${encodeURIComponent(account.name)}`);
    await page.getByRole("status").filter({ hasText: "live" }).waitFor();
    await use(page);
    assert.deepEqual(problems, []);
    assert.equal(refusalsSeen, refusals);
  } finally {
    await context.close();
  }
}

/** A selection by its label. */
const selection = (page, name) => page.getByRole("combobox", { name, exact: true });

/** The calls of the view of that name. */
const listed = (page) => page.getByRole("group", { name: "Calls, newest first" });

/** Clicks a button of the page or of the open dialog. */
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const says = (page, text) => page.getByText(text).first().waitFor();

/** Saves an image for the documentation, if asked to. */
async function picture(page, name) {
  if (!IMAGES) return;
  mkdirSync(IMAGES, { recursive: true });
  await page.screenshot({ path: `${IMAGES}/console-${name}.png` });
}

async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations: all, passes } = await globalThis.axe.run();
    return { passes: passes.length, violations: all.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]) };
  });
  assert.ok(found.passes > 10);
  return found.violations;
}

/** An account with everything that the views show. */
async function furnished(name) {
  const account = server.account(name);
  await account.freezeClock("2026-01-31T12:00:00Z");
  await account.mergeState(FAILOVER);
  await account.announce("havip-failover", "eni-standby1");
  const client = sdk(account);
  for (const HaVipName of ["web", "db", "cache"]) await client.CreateHaVip({ ...CREATE, HaVipName });
  await refused(client.CreateHaVip(GATEWAY_ADDRESS));
  await account.advanceClock(90_000);
  await refused(client.CreateHaVip({ ...CREATE, SubnetId: "subnet-zzzzzzzz" }));
  await refused(client.DeleteVpc({ VpcId: CREATE.VpcId, EcmRegion: "ap-hangzhou-ecm" }));
  await client.DescribeHaVips({});
  await account.fail("DescribeVpcs", "InternalError", { times: 2 });
  await refused(client.DescribeVpcs({}));
  await account.advanceClock(60_000);
  await client.DescribeVpcs({}).catch(() => client.DescribeVpcs({}));
  await account.cut("DeleteHaVip", "reset");
  return account;
}

test("a browser is sent to the console", async () => {
  const page = await browser.newPage();
  await page.goto(server.endpoint);
  assert.match(page.url(), /\/_ecmock\/console\/$/);
  await page.getByRole("heading", { name: "ecmock" }).waitFor();
  await page.close();
});

for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 360], ["dark", 360]]) {
  test(`each view is accessible and fits its window (${colorScheme}, ${width} px)`, async () => {
    const account = await furnished(`${colorScheme}-${width}`);
    for (const view of VIEWS) {
      const options = { colorScheme, viewport: { width, height: 900 } };
      await withView(account, view, async (page) => {
        await says(page, SHOWN[view]);
        assert.deepEqual(await violations(page), [], view);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, view);
      }, options);
    }
  });
}

test("the images of the documentation show each view", async () => {
  const account = await furnished("demo");
  for (const view of VIEWS) {
    await withView(account, view, async (page) => {
      await says(page, SHOWN[view]);
      // The last calls are at the start of a bar.
      if (view === "overview") await page.getByRole("img", { name: /By code: 5 OK, 2 InternalError, / }).waitFor();
      await picture(page, view);
    });
  }
  await withView(account, "overview", async (page) => {
    await says(page, SHOWN.overview);
    await picture(page, "dark");
  }, { colorScheme: "dark" });
});

test("the overview counts resources, calls, and codes, and is live", async () => {
  const account = server.account("overview");
  const client = sdk(account);
  await client.CreateHaVip(CREATE);
  await refused(client.CreateHaVip(GATEWAY_ADDRESS));
  await withView(account, "overview", async (page) => {
    const tile = (text) => page.getByRole("listitem").filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
    await tile("1 VPC");
    await tile("1 HAVIP");
    await tile("2 calls");
    await page.getByRole("img", { name: /By code: 1 (OK|InvalidParameterValue), 1 / }).waitFor();
    await page.getByText("CreateHaVip 1 of 10").click();
    await says(page, "InvalidParameterValue.Duplicate");
    await client.CreateHaVip(CREATE); // nothing is reloaded
    await tile("2 HAVIPs");
    await tile("3 calls");
    await page.getByRole("img", { name: /By code: 2 OK, 1 InvalidParameterValue/ }).waitFor();
  });
});

test("the overview lists, selects, and deletes accounts", async () => {
  const [one, other] = [server.account("one"), server.account("other")];
  await sdk(one).DescribeVpcs({});
  await sdk(other).DescribeVpcs({});
  await withView(one, "overview", async (page) => {
    const row = page.getByRole("row").filter({ hasText: "other" });
    await row.getByRole("button", { name: "other" }).click();
    await page.getByRole("heading", { name: "Account other" }).waitFor();
    await selection(page, "Account").selectOption("one");
    await page.getByRole("heading", { name: "Account one" }).waitFor();
    await row.getByRole("button", { name: "Delete" }).click();
    await row.getByRole("button", { name: "Really delete?" }).click();
    await says(page, "The account other is deleted.");
    await row.waitFor({ state: "detached" });
  });
});

test("a program of the overview runs after it is copied", async () => {
  const account = server.account(`$(exit 1) "it's" \\`);
  await withView(account, "overview", async (page) => {
    for (const name of ["Python", "tccli", "Node", "Go", "Java"]) {
      await press(page, name);
      assert.ok((await page.getByRole("group", { name: `Program for ${name}` }).innerText()).includes("DescribeVpcs"));
    }
    await press(page, "Node");
    await press(page, "Copy");
    await says(page, "Copied");
    const program = await page.evaluate(() => navigator.clipboard.readText());
    const printed = execFileSync("node", ["-e", program], { encoding: "utf8" });
    assert.equal(printed, "1\n");
    await press(page, "tccli");
    const [exports] = (await page.getByRole("group", { name: "Program for tccli" }).innerText()).split("\n");
    const echoed = execFileSync("bash", ["-c", `${exports}; printf %s "$TENCENTCLOUD_SECRET_ID"`], { encoding: "utf8" });
    assert.equal(echoed, account.secretId);
    assert.equal((await account.calls()).length, 1);
  }, { permissions: ["clipboard-read", "clipboard-write"] });
});

test("the network shows addresses and objects", async () => {
  const account = server.account("network");
  await account.mergeState(FAILOVER);
  await account.announce("havip-failover", "eni-standby1");
  await sdk(account).CreateHaVip(CREATE);
  await withView(account, "network", async (page) => {
    await page.getByRole("button", { name: "172.16.0.17: HAVIP web" }).click();
    const json = await page.getByRole("group", { name: "JSON" }).innerText();
    const [described] = (await account.state()).HaVipSet.filter(({ HaVipName }) => HaVipName === "web");
    assert.deepEqual(JSON.parse(json), described);
    await page.keyboard.press("Escape");
    const free = page.getByTitle("172.16.0.200: free");
    await free.waitFor();
    await page.getByTitle("172.16.0.0: network address").waitFor();
    await page.getByTitle("172.16.0.1: gateway").waitFor();
    await page.getByTitle("172.16.0.255: broadcast address").waitFor();
    await page.getByRole("button", { name: /^announced by/ }).click();
    await page.getByRole("dialog", { name: /^interface / }).waitFor();
  });
});

test("objects are created, renamed, and deleted, and refusals show the real error", async () => {
  const account = server.account("changes");
  await withView(account, "network", async (page) => {
    await press(page, "Create a HAVIP");
    await press(page, "Call");
    await says(page, /"Vip": "172\.16\.0\.17"/);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "HAVIP web 172.16.0.17" }).click();
    await press(page, "Rename…");
    const [{ HaVipId }] = (await account.state()).HaVipSet;
    await page.getByLabel("Parameters").fill(JSON.stringify({ HaVipId, HaVipName: "renamed" }));
    await press(page, "Call");
    await page.locator("dialog .good").filter({ hasText: "OK" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "HAVIP renamed 172.16.0.17" }).waitFor();

    await page.getByRole("region", { name: "VPC demo" }).getByRole("button", { name: "demo" }).first().click();
    await press(page, "Delete…");
    await press(page, "Call");
    await page.locator("dialog .bad").waitFor();
    const { Code, Message } = (await account.calls("DeleteVpc"))[0];
    assert.equal(await page.locator("dialog .bad").innerText(), `${Code}: ${Message}`);
    await page.getByLabel("Parameters").fill("{");
    await press(page, "Call");
    await says(page, /^This is not JSON: /);
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "HAVIP renamed 172.16.0.17" }).click();
    await press(page, "Delete…");
    await press(page, "Call");
    await page.locator("dialog .good").waitFor();
    assert.deepEqual((await account.state()).HaVipSet, []);
  });
});

test("any action can be called, and its faults are shown", async () => {
  const account = server.account("any");
  await account.cut("CreateVpc", "reset", { after: true });
  await account.answer("DescribeSubnets", 503, { body: "busy" });
  await account.answer("DescribeHaVips", 500, { body: '{"Response":{"Error":{"Code":"Mine","Message":"of the body"}}}' });
  await account.cut("DescribeAddresses", "hang");
  await withView(account, "network", async (page) => {
    await press(page, "Create a VPC");
    const action = selection(page, "Action");
    assert.equal(await action.inputValue(), "CreateVpc");
    await press(page, "Call");
    await says(page, "HTTP 502: a fault rule has ended the connection of the call");
    assert.equal((await account.calls("CreateVpc")).length, 1);
    assert.equal((await account.state()).VpcSet.length, 2);

    await page.getByLabel("Parameters").fill("");
    for (const [name, outcome] of [
      ["DescribeVpcs", "OK"],
      ["DescribeSubnets", "HTTP 503: Service Unavailable"],
      ["DescribeHaVips", "Mine: of the body"],
    ]) {
      await action.selectOption(name);
      await press(page, "Call");
      await page.getByRole("dialog").getByText(outcome, { exact: true }).waitFor();
    }
    await action.selectOption("DescribeAddresses");
    for (let round = 0; round < 8; round += 1) {
      await press(page, "Call");
      await account.waitFor("DescribeAddresses", { since: 0 }).catch(() => {});
      assert.ok(await page.getByRole("button", { name: "Calling…" }).isDisabled());
      await page.keyboard.press("Escape");
      await press(page, "Create a VPC");
      await action.selectOption("DescribeAddresses");
    }
  }, { refusals: 3 });
});

test("calls are shown after a restart, and after the account is deleted", async () => {
  const first = await Server.start();
  const listen = [`--listen=${first.host}`];
  const account = first.account("web");
  const page = await browser.newPage();
  await page.goto(`${first.endpoint}/_ecmock/console/#calls?account=web`);
  const counted = (text) => page.getByRole("status").filter({ hasText: text }).waitFor();
  for (let left = 3; left > 0; left -= 1) await sdk(account).DescribeVpcs({});
  await counted("3 of 3");
  await first.stop();
  const second = await Server.start({ args: listen });
  await sdk(second.account("web")).DescribeVpcs({});
  await counted("1 of 1");
  await second.forget("web");
  await sdk(second.account("web")).DescribeVpcs({});
  await sdk(second.account("web")).CreateHaVip(CREATE);
  await counted("2 of 2");
  await page.close();
  await second.stop();
});

test("more windows than a browser has connections stay usable", async () => {
  const context = await browser.newContext();
  for (let number = 0; number < 8; number += 1) {
    const page = await context.newPage();
    page.setDefaultTimeout(TIME_MAX);
    await page.goto(`${server.endpoint}/_ecmock/console/#overview?account=window-${number}`);
    await page.getByRole("heading", { name: `Account window-${number}` }).waitFor();
    await page.getByText("15", { exact: true }).waitFor(); // interfaces, from the server
    // A headless browser shows all windows at once.
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
  }
  await context.close();
});

test("long names fit a narrow window", async () => {
  const account = server.account("n".repeat(128));
  await fetch(`${server.endpoint}/?Action=${"A".repeat(120)}&Version=2019-07-19&SecretId=${account.secretId}`);
  for (const view of VIEWS) {
    await withView(account, view, async (page) => {
      if (view === "calls") await listed(page).getByText("AAAA").first().waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, view);
    }, { viewport: { width: 360, height: 900 } });
  }
});

test("a fragment without an account selects one", async () => {
  await withView(server.account("a b"), "overview", async (page) => {
    await page.evaluate(() => { location.hash = "#network"; });
    await page.getByRole("link", { name: "Network", exact: true }).waitFor();
    await page.getByRole("region", { name: /^VPC / }).first().waitFor();
  });
});

test("a HAVIP is announced, withdrawn, and bound", async () => {
  const account = server.account("failover");
  await account.mergeState(FAILOVER);
  const haVip = async () => (await account.state()).HaVipSet.find((it) => it.HaVipId === "havip-failover");
  const { HaVipName, Vip, VpcId, SubnetId } = await haVip();
  const EcmRegion = "ap-hangzhou-ecm";
  await sdk(account).AllocateAddresses({ EcmRegion });
  await sdk(account).CreateNetworkInterface({ EcmRegion, VpcId, SubnetId, NetworkInterfaceName: "loose" });
  await withView(account, "network", async (page) => {
    await page.getByRole("button", { name: `HAVIP ${HaVipName} ${Vip}` }).click();
    await selection(page, "Interface").selectOption("eni-standby1");
    await press(page, "Announce");
    await says(page, /^State AVAILABLE, announced by eni-standby1/);
    await press(page, "Bind");
    await says(page, /EIP \d/);
    assert.notEqual((await haVip()).AddressIp, "");
    await press(page, "Unbind");
    await says(page, /EIP none$/);
    await press(page, "Withdraw");
    await says(page, /^State UNBIND/);
    assert.equal((await haVip()).NetworkInterfaceId, "");
    await selection(page, "Interface").selectOption("loose");
    await press(page, "Announce");
    await says(page, /is not attached to an instance$/);
  }, { refusals: 1 });
});

test("the addresses of a large subnet are folded into blocks", async () => {
  const account = server.account("large");
  const state = await account.state();
  const [subnet] = state.SubnetSet;
  state.SubnetSet = [{ ...subnet, CidrBlock: "172.16.0.0/16" }];
  state.HaVipSet = [{ HaVipId: "havip-far00001", HaVipName: "far", Vip: "172.16.200.7", VpcId: CREATE.VpcId, SubnetId: CREATE.SubnetId }];
  await account.replaceState(state);
  await withView(account, "network", async (page) => {
    const blocks = page.getByRole("group", { name: "Blocks of 256 addresses of 172.16.0.0/16" });
    await blocks.waitFor();
    assert.equal(await blocks.getByRole("button").count(), 256);
    await blocks.getByRole("button", { name: "172.16.200.0/24: 1 address in use" }).click();
    await page.getByRole("button", { name: "172.16.200.7: HAVIP far" }).waitFor();
  });
});

test("calls are live, and are filtered by action, code, and text", async () => {
  const account = server.account("calls");
  const client = sdk(account);
  await client.DescribeVpcs({});
  await client.CreateHaVip(CREATE);
  await withView(account, "calls", async (page) => {
    const list = listed(page);
    await list.getByText("CreateHaVip").waitFor();
    await refused(client.CreateHaVip({ ...GATEWAY_ADDRESS, HaVipName: "needle" }));
    await list.getByText("InvalidParameterValue").waitFor();
    const first = list.getByRole("listitem").first();
    await first.getByText("InvalidParameterValue").waitFor();
    const counted = (text) => page.getByRole("status").filter({ hasText: text }).waitFor();
    await selection(page, "Action").selectOption("CreateHaVip");
    await counted("2 of 3");
    await selection(page, "Code").selectOption("InvalidParameterValue");
    await counted("1 of 3");
    await selection(page, "Code").selectOption("");
    await page.getByLabel("Text").fill("NEEDLE");
    await counted("1 of 3");
    await press(page, "Delete calls");
    await press(page, "Really delete?");
    await counted("0 of 0");
    await client.DescribeSubnets({});
    await counted("0 of 1");
    await account.reset();
    await counted("0 of 0");
  });
});

test("a call becomes a command, a fault rule, and an expectation", async () => {
  const account = server.account("call's");
  const client = sdk(account);
  await client.CreateHaVip({ ...CREATE, HaVipName: "it's" });
  await withView(account, "calls", async (page) => {
    const open = () => listed(page).getByRole("button").last().click();
    await open();
    await press(page, "Copy as curl");
    await says(page, "Copied");
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const repeated = JSON.parse(execFileSync("bash", ["-c", command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    assert.equal(repeated.Response.HaVip.HaVipName, "it's");
    await press(page, "Make this an expectation");
    await says(page, `account.assert_called("CreateHaVip", {"HaVipName": "it's"`);
    await press(page, "Verify now");
    await says(page, "The expectation is not met: 2 calls match.");
    await press(page, "Make this a fault rule");
    await selection(page, "Error code").selectOption("ResourceInsufficient");
    await press(page, "Add the rule");
    await says(page, "The rule fault-1 is added.");
    assert.equal(await refused(client.CreateHaVip({ ...CREATE, HaVipName: "it's" })), "ResourceInsufficient");
    await says(page, "1 match, 1 hit");
  }, { permissions: ["clipboard-read", "clipboard-write"] });
});

test("a wrong signature is explained", async () => {
  const account = verifying.account("signature");
  const { clientConfig } = account;
  const credential = { ...clientConfig.credential, secretKey: `${clientConfig.credential.secretKey} ` };
  const code = await refused(new ecm.v20190719.Client({ ...clientConfig, credential }).DescribeVpcs({}));
  assert.equal(code, "AuthFailure.SignatureFailure");
  await withView(account, "calls", async (page) => {
    await page.getByRole("button", { name: /AuthFailure\.SignatureFailure/ }).click();
    const explanation = page.getByRole("region", { name: "Explanation of the signature" });
    await explanation.getByText("Trim the key.").waitFor();
    const shown = await explanation.getByRole("group", { name: "String to sign of the server" }).innerText();
    assert.match(shown, /^TC3-HMAC-SHA256\n\d+\n/);
    assert.match(await explanation.getByRole("group", { name: "Canonical request of the server" }).innerText(), /^POST\n\/\n/);
  });
});

test("the console calls actions when signatures are checked", async () => {
  const account = verifying.account("trusted");
  await withView(account, "network", async (page) => {
    await press(page, "Create a HAVIP");
    await press(page, "Call");
    await says(page, /"Vip": "172\.16\.0\.17"/);
  });
});

test("the form for fault rules offers actions and codes that exist", async () => {
  const account = server.account("rules");
  await withView(account, "faults", async (page) => {
    const offered = (label) => selection(page, label).locator("option").allInnerTexts();
    const names = (await server.actions()).map(({ Name }) => Name);
    await selection(page, "Action").selectOption("CreateHaVip");
    assert.deepEqual(await offered("Action"), ["any", ...names]);
    const { Codes, GatewayCodes } = await server.action("CreateHaVip");
    assert.deepEqual(await offered("Error code"), [...new Set([...Codes, ...GatewayCodes])].sort());

    for (const effect of ["connection", "HTTP response", "delay only"]) {
      await selection(page, "Effect").selectOption(effect);
      if (effect === "delay only") await page.getByLabel("Delay in ms").fill("5");
      await press(page, "Add the rule");
      await says(page, { connection: "fault-1", "HTTP response": "fault-2", "delay only": "fault-3" }[effect]);
    }
    const rules = await account.faults();
    assert.deepEqual(rules.map(({ Connection, Http, DelayMs }) => Connection ?? Http?.Status ?? DelayMs), ["reset", 503, 5]);
    await page.getByLabel("Parameters that a matching call contains").fill("[");
    await press(page, "Add the rule");
    await says(page, /^This is not JSON: /);

    await page.getByRole("listitem").filter({ hasText: "fault-2" }).getByRole("button", { name: "Delete" }).click();
    await press(page, "Really delete?");
    await says(page, "1 rule deleted.");
    assert.equal((await account.faults()).length, 2);
    await press(page, "Delete all");
    await press(page, "Really delete all?");
    await says(page, "2 rules deleted.");
    assert.deepEqual(await account.faults(), []);
  });
});

test("a held call is released", async () => {
  const account = server.account("held");
  await account.addFault({ Action: "CreateHaVip", Hold: "checked", Times: 1 });
  const creating = sdk(account).CreateHaVip(CREATE);
  await withView(account, "faults", async (page) => {
    await says(page, "holds the call once it is checked");
    await press(page, "Release 1 held call");
    await says(page, "1 call released.");
    assert.equal((await creating).HaVip.Vip, "172.16.0.17");
  });
});

test("the clock is frozen, advanced, set, and made real", async () => {
  const account = server.account("clock");
  await withView(account, "control", async (page) => {
    const mode = (text) => page.getByText(text, { exact: true }).waitFor();
    await press(page, "Freeze");
    await mode("frozen");
    const { Now: start } = await account.clock();
    await press(page, "Advance by 1 hour");
    await page.getByLabel("Milliseconds").fill("1500");
    await press(page, "Advance");
    await says(page, new Date(Date.parse(start) + 3_601_500).toISOString().slice(11, 19));
    assert.equal(Date.parse((await account.clock()).Now) - Date.parse(start), 3_601_500);
    await page.getByLabel("Time in UTC").fill("2026-01-31T12:00:00");
    await press(page, "Set and freeze");
    await says(page, "2026-01-31 12:00:00 UTC");
    await press(page, "Use the real clock");
    await mode("the clock of the machine");
    assert.equal((await account.clock()).Mode, "real");
  });
});

test("the state is exported, imported, and reset", async () => {
  const account = server.account("state");
  await sdk(account).CreateHaVip(CREATE);
  await withView(account, "control", async (page) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
    assert.equal(download.suggestedFilename(), "state.json");
    const exported = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.deepEqual(exported, await account.state());

    const file = (value) => ({ name: "fixture.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(value)) });
    await page.getByLabel("Fixture", { exact: true }).setInputFiles(file({ ...exported, HaVipSet: [] }));
    await says(page, "fixture.json is loaded.");
    assert.deepEqual((await account.state()).HaVipSet, []);

    // A real drop needs a file manager. The event is the same.
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['{"VpcSet":[{"VpcId":"wrong"}]}'], "wrong.json"));
      return transfer;
    });
    await page.locator("h1").dispatchEvent("drop", { dataTransfer: data });
    await says(page, /\$\.VpcSet\[0\]\.VpcId/);
    await selection(page, "The fixture").selectOption("PATCH");
    await page.getByLabel("Fixture", { exact: true }).setInputFiles(file({ HaVipSet: exported.HaVipSet }));
    await says(page, "fixture.json is loaded.");
    assert.deepEqual(await account.state(), exported);

    await page.getByRole("button", { name: "Reset the account" }).dblclick();
    assert.equal((await account.state()).HaVipSet.length, 1);
    await press(page, "Really reset everything?");
    await says(page, "The account state is reset");
    assert.deepEqual((await account.state()).HaVipSet, []);
  }, { refusals: 1 });
});

test("10,000 calls and 10,000 HAVIPs draw few rows", async () => {
  const account = server.account("many");
  const state = await account.state();
  state.SubnetSet = [{ ...state.SubnetSet[0], CidrBlock: "172.16.0.0/16" }];
  state.HaVipSet = Array.from({ length: 10_000 }, (_, index) => ({
    HaVipId: `havip-${String(index).padStart(8, "0")}`,
    HaVipName: `number-${index}`,
    Vip: `172.16.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`,
    VpcId: CREATE.VpcId,
    SubnetId: CREATE.SubnetId,
  }));
  await account.replaceState(state);
  const target = `${server.endpoint}/?Action=DescribeVpcs&Version=2019-07-19&SecretId=${account.secretId}`;
  for (let left = 10_000; left > 0; left -= 100) {
    await Promise.all(Array.from({ length: 100 }, async () => (await fetch(target)).text()));
  }
  await withView(account, "calls", async (page) => {
    await page.getByRole("status").filter({ hasText: "10,000 of 10,000" }).waitFor();
    const list = listed(page);
    assert.ok((await list.getByRole("listitem").count()) < 60);
    await list.evaluate((it) => it.scrollTo(0, it.scrollHeight));
    await list.locator('[aria-posinset="10000"]').waitFor();
    // The journal has no room for more, so each call removes the oldest.
    await sdk(account).DescribeSubnets({});
    await selection(page, "Action").selectOption("DescribeSubnets");
    await page.getByRole("status").filter({ hasText: "1 of 10,000" }).waitFor();
  });
  await withView(account, "network", async (page) => {
    const list = page.getByRole("group", { name: "HAVIPs" });
    await list.getByText("number-0 172.16.1.1").waitFor();
    assert.ok((await list.getByRole("listitem").count()) < 60);
    await list.evaluate((it) => it.scrollTo(0, it.scrollHeight));
    await list.getByText("number-9999").waitFor();
  });
});

test("nothing from a call is markup", async () => {
  const account = server.account(MARKUP);
  const client = sdk(account);
  await client.CreateHaVip({ ...CREATE, HaVipName: MARKUP });
  await refused(client.CreateHaVip({ ...CREATE, SubnetId: MARKUP }));
  await fetch(`${server.endpoint}/?Action=${encodeURIComponent(MARKUP)}&Version=2019-07-19&SecretId=${encodeURIComponent(account.secretId)}`);
  await account.fail(null, "InternalError", { params: { HaVipName: MARKUP } });
  for (const view of VIEWS) {
    await withView(account, view, async (page) => {
      await page.getByText(MARKUP).first().waitFor({ state: "attached" });
      if (view === "network") {
        await page.getByRole("button", { name: `HAVIP ${MARKUP} 172.16.0.17` }).click();
        await page.getByRole("dialog", { name: `HAVIP ${MARKUP}` }).waitFor();
      }
      if (view === "calls") {
        await page.getByRole("button", { name: `${MARKUP}` }).first().click();
        await page.getByRole("dialog").waitFor();
      }
      assert.equal(await page.locator("img").count(), 1); // the logo
      assert.match(await page.title(), /, ecmock console$/);
    });
  }
});

test("the console works by keyboard", async () => {
  const account = server.account("keyboard");
  await sdk(account).CreateHaVip(CREATE);
  await sdk(account).DescribeVpcs({});
  await withView(account, "overview", async (page) => {
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter"); // skips to the content
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.getByRole("link", { name: "Calls" }).focus();
    await page.keyboard.press("Enter");
    const list = listed(page);
    await list.getByText("CreateHaVip").waitFor();
    await list.focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "CreateHaVip → OK" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.match(await page.evaluate(() => document.activeElement.textContent), /CreateHaVip/);
  });
});

test("a stopped server is shown", async () => {
  const other = await Server.start();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${other.endpoint}/_ecmock/console/`);
  await page.getByRole("status").filter({ hasText: "live" }).waitFor();
  await other.stop();
  await page.getByRole("status").filter({ hasText: "no connection" }).waitFor();
  await context.close();
});
