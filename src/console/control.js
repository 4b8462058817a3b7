// The clock and the state of an account.

import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { send, url } from "./api.js";
import { Confirmed, Outcome, useOutcome } from "./parts.js";

const MODES = {
  real: "the clock of the machine",
  offset: "ahead of or behind the machine",
  frozen: "frozen",
};
/** The last time that a clock can have. */
const END = Date.parse("9999-12-31T23:59:59.999Z");
const STEPS = [
  ["1 minute", 60_000],
  ["1 hour", 3_600_000],
  ["1 day", 86_400_000],
];

export function Control({ account, clock, bump, prune }) {
  return html`
    <${Clock} account=${account} clock=${clock} bump=${bump} />
    <${State} account=${account} bump=${bump} prune=${prune} />
  `;
}

/** Returns the account's time now, which runs on between two responses unless it is frozen. */
function useNow(clock) {
  const [now, setNow] = useState(null);
  useEffect(() => {
    if (!clock) return undefined;
    const [start, at] = [performance.now(), Date.parse(clock.Now)];
    const update = () => setNow(new Date(Math.min(END, at + (clock.Mode === "frozen" ? 0 : performance.now() - start))));
    update();
    if (clock.Mode === "frozen") return undefined;
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, [clock]);
  return now;
}

function Clock({ account, clock, bump }) {
  const now = useNow(clock);
  const [time, setTime] = useState("");
  const [ms, setMs] = useState("1000");
  const [outcome, attempt] = useOutcome();
  const change = (method, path, body) => () =>
    attempt(async () => {
      await send(method, path, account, { body });
      bump();
    });
  const set = (isFrozen) =>
    attempt(async () => {
      const at = new Date(time.endsWith("Z") ? time : `${time}Z`);
      if (Number.isNaN(at.getTime())) throw new Error("The time must be such as 2026-01-31T12:00:00.");
      await send("PUT", "clock", account, { body: { Now: at.toISOString(), Frozen: isFrozen } });
      bump();
    });
  return html`<section aria-labelledby="clock">
    <h2 id="clock">Clock</h2>
    <p class="clock"><time>${now?.toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC") ?? "…"}</time></p>
    <p class="dim">${MODES[clock?.Mode] ?? ""}</p>
    <p class="actions">
      <button type="button" onClick=${change("PUT", "clock", { Frozen: true })}>Freeze</button>
      ${STEPS.map(([text, step]) => html`<button type="button" onClick=${change("POST", "clock/advance", { Ms: step })}>Advance by ${text}</button>`)}
      <button type="button" onClick=${change("PUT", "clock", { Real: true })}>Use the real clock</button>
    </p>
    <div class="form-row">
      <label>Milliseconds <input type="number" min="0" value=${ms} onInput=${(event) => setMs(event.target.value)} /></label>
      <button type="button" disabled=${ms === ""} onClick=${change("POST", "clock/advance", { Ms: Number(ms) })}>Advance</button>
    </div>
    <div class="form-row">
      <label>Time in UTC <input type="datetime-local" step="1" value=${time} onInput=${(event) => setTime(event.target.value)} /></label>
      <button type="button" disabled=${time === ""} onClick=${() => set(false)}>Set</button>
      <button type="button" disabled=${time === ""} onClick=${() => set(true)}>Set and freeze</button>
    </div>
    <${Outcome} outcome=${outcome} />
  </section>`;
}

function State({ account, bump, prune }) {
  const [outcome, attempt] = useOutcome();
  const [isOver, setOver] = useState(false);
  const [method, setMethod] = useState("PUT");
  const input = useRef(null);
  const load = (file) =>
    attempt(async () => {
      const { Warnings: warnings = [] } = await send(method, "state", account, { body: await file.text() });
      bump();
      return [`${file.name} is loaded.`, ...warnings].join(" ");
    });
  // A file dropped anywhere else would replace the page.
  useEffect(() => {
    const listeners = {
      dragover: (event) => {
        event.preventDefault();
        setOver(true);
      },
      dragleave: (event) => event.relatedTarget || setOver(false),
      drop: (event) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (file) load(file);
      },
    };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, [account, method]);
  const choose = (event) => {
    const [file] = event.target.files;
    if (file) load(file);
    event.target.value = ""; // The same file can be chosen again.
  };
  const reset = () =>
    attempt(async () => {
      await send("POST", "reset", account);
      await prune();
      bump();
      return `The account ${account} is reset: resources, calls, fault rules, and clock.`;
    });
  return html`<section aria-labelledby="state">
    <h2 id="state">State</h2>
    <p class="actions">
      <a class="button" href=${url("state", account)} download=${`${account}.json`}>Export</a>
      <${Confirmed} label="Reset the account" question="Really reset everything?" onConfirm=${reset} />
    </p>
    <div class=${isOver ? "drop over" : "drop"}>
      <p>Drop a fixture on the page, or <button type="button" class="link" onClick=${() => input.current.click()}>choose a file</button>.</p>
      <input ref=${input} type="file" accept=".json,application/json" class="hidden" tabindex="-1" aria-label="Fixture" onChange=${choose} />
      <label>
        The fixture
        <select value=${method} onChange=${(event) => setMethod(event.target.value)}>
          <option value="PUT">replaces all resources</option>
          <option value="PATCH">is merged into the resources</option>
        </select>
      </label>
    </div>
    <${Outcome} outcome=${outcome} />
  </section>`;
}
