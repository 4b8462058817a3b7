// The console: its address, its navigation, and the selected account.

import { html, render, useEffect, useRef, useState } from "./vendor/preact.js";
import { send } from "./api.js";
import { Calls } from "./calls.js";
import { Control } from "./control.js";
import { Faults, ruleFor } from "./faults.js";
import { useCalls, useJson, useTicks } from "./live.js";
import { Network } from "./network.js";
import { Overview } from "./overview.js";

const VIEWS = {
  overview: ["Overview", Overview],
  network: ["Network", Network],
  calls: ["Calls", Calls],
  faults: ["Faults", Faults],
  control: ["Clock and state", Control],
};
const DEFAULT_ACCOUNT = "default";

/** Reads a fragment such as `#network?account=web`. */
function place() {
  const [view, query] = location.hash.slice(1).split("?");
  return {
    view: Object.hasOwn(VIEWS, view) ? view : "overview",
    account: new URLSearchParams(query).get("account") || null,
  };
}

const fragment = (view, account) => `#${view}?${new URLSearchParams({ account })}`;

function usePlace() {
  const [current, setCurrent] = useState(place);
  useEffect(() => {
    const update = () => setCurrent(place());
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return current;
}

/** Selects an account at the start: the one with the most calls. */
function useFirstAccount(wanted) {
  const [first, setFirst] = useState(null);
  useEffect(() => {
    if (wanted || first) return;
    const choose = ({ Accounts: found }) => {
      const [most] = found.sort((one, other) => other.Requests - one.Requests);
      setFirst(most?.Name ?? DEFAULT_ACCOUNT);
    };
    send("GET", "accounts", null).then(choose, () => setFirst(DEFAULT_ACCOUNT));
  }, [!wanted]);
  return wanted ?? first;
}

function App() {
  const { view, account: wanted } = usePlace();
  const account = useFirstAccount(wanted);
  if (!account) return html`<p class="empty">Loading…</p>`;
  return html`<${Console} key=${account} view=${view} account=${account} />`;
}

function Console({ view, account }) {
  const { calls, isConnected, prune } = useCalls(account);
  const [tick, bump] = useTicks(calls);
  const accounts = useJson(null, "accounts", tick)?.Accounts ?? [];
  // The actions never change, so they are read until a response has them.
  const found = useRef(null);
  const actions = useJson(null, "actions", found.current ?? tick)?.Actions ?? [];
  if (actions.length > 0) found.current ??= tick;
  const clock = useJson(account, "clock", tick);
  const [rule, setRule] = useState(undefined);
  const open = (name, other = account) => {
    location.hash = fragment(name ?? view, other);
  };
  const makeFault = (call) => {
    setRule(ruleFor(call));
    open("faults");
  };
  // A reset and the limits of the journal remove calls.
  const recorded = accounts.find((it) => it.Name === account)?.Requests ?? 0;
  useEffect(() => {
    if (recorded !== calls.length) prune().catch(() => {}); // The next tick tries again.
  }, [tick, recorded]);
  const [title, View] = VIEWS[view];
  useEffect(() => {
    document.title = `${title}: ${account}, ecmock console`;
  }, [title, account]);
  const names = [...new Set([account, ...accounts.map((it) => it.Name)])].sort();
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header class="top">
      <h1><img src="icon.svg" alt="" width="24" height="24" /> ecmock</h1>
      <nav aria-label="Views">
        ${Object.entries(VIEWS).map(
          ([name, [text]]) => html`<a href=${fragment(name, account)} aria-current=${name === view ? "page" : undefined}>${text}</a>`,
        )}
      </nav>
      <label class="account">
        Account
        <select value=${account} onChange=${(event) => open(null, event.target.value)}>
          ${names.map((it) => html`<option value=${it} selected=${it === account}>${it}</option>`)}
        </select>
      </label>
      <p role="status" class=${isConnected ? "live good" : "live bad"}>${isConnected ? "live" : "no connection"}</p>
    </header>
    <main id="main" tabindex="-1">
      <${View} ...${{ account, accounts, actions, calls, clock, tick, bump, open, prune, makeFault, initial: rule }} />
    </main>
  `;
}

/** Moves the focus, since the fragment names the view. */
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
