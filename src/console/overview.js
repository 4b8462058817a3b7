// The accounts, the calls of the last minutes, what the tests have met, and how to connect.

import { html, useState } from "./vendor/preact.js";
import { send } from "./api.js";
import { useJson } from "./live.js";
import { Code, Confirmed, countOf, Outcome, useOutcome } from "./parts.js";
import { clients } from "./snippets.js";

/** The chart shows 60 bars of 10 seconds. */
const BARS = 60;
const BAR_MS = 10_000;
/** Size of the chart in units of its own. */
const CHART = { width: 600, height: 120 };

/** Names of accounts that no path can end with, since browsers resolve them. */
const NO_PATHS = [".", ".."];

/** Sets of the state, and their nouns. */
const KINDS = [
  ["VpcSet", "VPC"],
  ["SubnetSet", "subnet"],
  ["NetworkInterfaceSet", "interface"],
  ["HaVipSet", "HAVIP"],
  ["AddressSet", "EIP"],
  ["InstanceSet", "instance"],
];

export function Overview({ account, accounts, calls, clock, tick, bump, open }) {
  const state = useJson(account, "state", tick);
  const codes = useJson(account, "requests", tick, { summary: "codes" });
  return html`
    <section aria-labelledby="resources">
      <h2 id="resources">Account ${account}</h2>
      <ul class="tiles">
        ${KINDS.map(([set, noun]) => {
          const count = state?.[set]?.length;
          return html`<li><strong>${count?.toLocaleString("en") ?? "–"}</strong> ${count === 1 ? noun : `${noun}s`}</li>`;
        })}
        <li><strong>${calls.length.toLocaleString("en")}</strong> ${calls.length === 1 ? "call" : "calls"}</li>
      </ul>
    </section>
    <${Chart} calls=${calls} clock=${clock} />
    <div class="columns">
      <${Accounts} account=${account} accounts=${accounts} bump=${bump} open=${open} />
      <${Coverage} codes=${codes} />
    </div>
    <${Snippets} account=${account} />
  `;
}

/** The calls of the last minutes of the account's clock, by time and code. */
function Chart({ calls, clock }) {
  const now = Math.max(Date.parse(clock?.Now ?? 0), Date.parse(calls.at(-1)?.Time ?? 0));
  const end = Math.floor(now / BAR_MS) + 1;
  const bars = Array.from({ length: BARS }, () => ({ good: 0, bad: 0 }));
  const counts = new Map();
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const { Time, Code: code } = calls[index];
    const bar = bars[BARS - (end - Math.floor(Date.parse(Time) / BAR_MS))];
    if (!bar) continue;
    bar[code === "OK" ? "good" : "bad"] += 1;
    const name = code ?? "no response";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const most = Math.max(1, ...bars.map(({ good, bad }) => good + bad));
  const width = CHART.width / BARS;
  const scale = CHART.height / most;
  const listed = [...counts].sort(([, one], [, other]) => other - one);
  const text = listed.map(([code, count]) => `${count} ${code}`).join(", ") || "none";
  return html`<section aria-labelledby="chart">
    <h2 id="chart">Calls of the last ${(BARS * BAR_MS) / 60_000} minutes</h2>
    <svg
      class="chart"
      viewBox=${`0 0 ${CHART.width} ${CHART.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label=${`Calls by time. At most ${most} in ${BAR_MS / 1000} seconds. By code: ${text}.`}
    >
      ${bars.map(({ good, bad }, index) => {
        const x = index * width + 1;
        return html`
          <rect class="bar-good" x=${x} width=${width - 2} y=${CHART.height - good * scale} height=${good * scale} />
          <rect class="bar-bad" x=${x} width=${width - 2} y=${CHART.height - (good + bad) * scale} height=${bad * scale} />
        `;
      })}
    </svg>
    <ul class="legend">
      ${listed.length === 0 && html`<li class="dim">No calls</li>`}
      ${listed.map(([code, count]) => html`<li class=${code === "OK" ? "good" : "bad"}>${code} <strong>${count}</strong></li>`)}
    </ul>
  </section>`;
}

function Accounts({ account, accounts, bump, open }) {
  const [outcome, attempt] = useOutcome();
  const remove = (name) =>
    attempt(async () => {
      await send("DELETE", `accounts/${encodeURIComponent(name)}`, null);
      // A look at the account would create it again.
      if (name === account) open(null, accounts.find((it) => it.Name !== name)?.Name ?? "default");
      bump();
      return `The account ${name} is deleted.`;
    });
  return html`<section aria-labelledby="accounts">
    <h2 id="accounts">Accounts</h2>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="accounts">
      <table>
        <thead>
          <tr><th scope="col">Name</th><th scope="col">Calls</th><th scope="col">Fault rules</th><th scope="col"><span class="hidden">Delete</span></th></tr>
        </thead>
        <tbody>
          ${accounts.length === 0 && html`<tr><td colspan="4" class="dim">No account exists yet. The first call creates one.</td></tr>`}
          ${accounts.map(
            ({ Name, Requests, Faults }) => html`<tr key=${Name} class=${Name === account ? "selected" : ""}>
              <td><button type="button" class="link" aria-current=${Name === account} onClick=${() => open(null, Name)}>${Name}</button></td>
              <td>${Requests}</td>
              <td>${Faults}</td>
              <td><${Confirmed} label="Delete" question="Really delete?" disabled=${NO_PATHS.includes(Name)} onConfirm=${() => remove(Name)} /></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <${Outcome} outcome=${outcome} />
  </section>`;
}

/** The documented codes of each action, and which of them the calls have met. */
function Coverage({ codes }) {
  const actions = codes?.Actions ?? [];
  return html`<section aria-labelledby="coverage">
    <h2 id="coverage">Documented codes that the calls have met</h2>
    ${actions.length === 0 && html`<p class="dim">No calls</p>`}
    <ul class="coverage">
      ${actions.map(({ Action, Summary, Met, NotMet, Calls }) => {
        const met = Object.keys(Met);
        return html`<li key=${Action}>
          <details>
            <summary>
              <span class="name">${Action} ${Summary}</span>
              <meter min="0" max=${Math.max(1, met.length + NotMet.length)} value=${met.length} aria-label=${`${Action}: ${Summary}`} />
            </summary>
            <p>${countOf(Calls, "call")}</p>
            <ul>
              ${met.map((code) => html`<li class="good">${code} <strong>${Met[code]}</strong></li>`)}
              ${NotMet.map((code) => html`<li class="dim">${code}</li>`)}
            </ul>
          </details>
        </li>`;
      })}
    </ul>
  </section>`;
}

function Snippets({ account }) {
  const programs = clients(account);
  const [name, setName] = useState("Python");
  return html`<section aria-labelledby="connect">
    <h2 id="connect">Connect a client</h2>
    <div class="tabs" role="group" aria-label="Client">
      ${Object.keys(programs).map(
        (it) => html`<button type="button" aria-pressed=${it === name} onClick=${() => setName(it)}>${it}</button>`,
      )}
    </div>
    <${Code} key=${name} text=${programs[name]} label=${`Program for ${name}`} />
  </section>`;
}
