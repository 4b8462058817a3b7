// The fault rules of an account, and a form that adds one.

import { html, useEffect, useState } from "./vendor/preact.js";
import { send } from "./api.js";
import { useJson } from "./live.js";
import { Confirmed, countOf, Outcome, parsed, pretty, useOutcome } from "./parts.js";

const EFFECTS = {
  Error: "error",
  Connection: "connection",
  Http: "HTTP response",
  DelayMs: "delay only",
};
const CONNECTIONS = ["reset", "close", "hang", "truncate"];
const NEW = {
  action: "",
  effect: "Error",
  code: "InternalError",
  connection: "reset",
  status: "503",
  body: "busy",
  when: "before",
  delay: "",
  skip: "",
  times: "1",
  probability: "",
  params: "{}",
};

/** Returns the form for a rule that a call like this one matches. */
export const ruleFor = ({ Action, Params, Code }) => ({
  ...NEW,
  action: Action,
  code: Code && Code !== "OK" ? Code : NEW.code,
  params: pretty(Params ?? {}),
});

export function Faults({ account, actions, tick, bump, initial }) {
  const faults = useJson(account, "faults", tick)?.Faults ?? [];
  const [outcome, attempt] = useOutcome();
  const remove = (path, count) =>
    attempt(async () => {
      const { Deleted: deleted } = await send("DELETE", path, account);
      bump();
      return `${countOf(deleted ?? count, "rule")} deleted.`;
    });
  const release = (id) =>
    attempt(async () => {
      const { Released: released } = await send("POST", `faults/${encodeURIComponent(id)}/release`, account);
      bump();
      return `${countOf(released, "call")} released.`;
    });
  return html`
    <section aria-labelledby="rules">
      <h2 id="rules">Fault rules <span class="dim">${faults.length}</span></h2>
      ${faults.length === 0 && html`<p class="dim">No rules</p>`}
      <ul class="cards">
        ${faults.map((rule) => {
          const { Id: id, Hits: hits, Matches: found, Held: held = [], ...rest } = rule;
          return html`<li key=${id}>
            <p><strong>${rest.Action ?? "any action"}</strong> ${summary(rest)}</p>
            <p class="dim">${id}: ${countOf(found, "match", "matches")}, ${countOf(hits, "hit")}</p>
            ${held.length > 0 && html`<button type="button" onClick=${() => release(id)}>${`Release ${countOf(held.length, "held call")}`}</button>`}
            <details><summary>JSON</summary><pre tabindex="0">${pretty(rest)}</pre></details>
            <${Confirmed} label="Delete" question="Really delete?" onConfirm=${() => remove(`faults/${encodeURIComponent(id)}`, 1)} />
          </li>`;
        })}
      </ul>
      ${faults.length > 0 && html`<p class="actions">
        <${Confirmed} label="Delete all" question="Really delete all?" onConfirm=${() => remove("faults", faults.length)} />
      </p>`}
      <${Outcome} outcome=${outcome} />
    </section>
    <${NewRule} key=${pretty(initial)} account=${account} actions=${actions} initial=${initial ?? NEW} bump=${bump} />
  `;
}

/** Says what a rule does. */
function summary(rule) {
  const parts = [];
  if (rule.Hold) parts.push(`holds the call once it is ${rule.Hold}`);
  if (rule.Error) parts.push(`fails with ${rule.Error.Code}`);
  if (rule.Connection) parts.push(`connection: ${rule.Connection}`);
  if (rule.Http) parts.push(`HTTP ${rule.Http.Status}`);
  if (rule.DelayMs) parts.push(`delayed by ${rule.DelayMs} ms`);
  if (rule.When === "after") parts.push("after the call ran");
  if (rule.Skip) parts.push(`after ${countOf(rule.Skip, "match", "matches")}`);
  if (rule.Times !== undefined && rule.Times !== null) parts.push(countOf(rule.Times, "time"));
  return parts.join(", ");
}

/** Returns the codes that a rule for an action accepts. */
function codesOf(actions, name) {
  const found = actions.find((it) => it.Name === name);
  if (found) return [...found.Codes, ...found.GatewayCodes.filter((it) => !found.Codes.includes(it))].sort();
  return [...(actions[0]?.GatewayCodes ?? [])].sort();
}

function ruleOf(form) {
  const count = (text) => (text === "" ? undefined : Number(text));
  const params = parsed(form.params);
  return {
    Action: form.action || undefined,
    Params: Object.keys(params).length > 0 ? params : undefined,
    Skip: count(form.skip),
    Times: count(form.times),
    Probability: count(form.probability),
    When: form.effect === "DelayMs" ? undefined : form.when,
    DelayMs: count(form.delay),
    Error: form.effect === "Error" ? { Code: form.code } : undefined,
    Connection: form.effect === "Connection" ? form.connection : undefined,
    Http: form.effect === "Http" ? { Status: Number(form.status), Body: form.body } : undefined,
  };
}

function NewRule({ account, actions, initial, bump }) {
  const [form, setForm] = useState(initial);
  const [outcome, attempt] = useOutcome();
  const codes = codesOf(actions, form.action);
  useEffect(() => {
    if (codes.length > 0 && !codes.includes(form.code)) setForm({ ...form, code: codes[0] });
  }, [form.action, codes.length]);
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const field = (name, label, attributes = {}) => html`<label>${label} <input value=${form[name]} onInput=${set(name)} ...${attributes} /></label>`;
  const select = (name, label, options) => html`<label>
    ${label}
    <select value=${form[name]} onChange=${set(name)}>
      ${options.map(([value, text]) => html`<option value=${value} selected=${value === form[name]}>${text}</option>`)}
    </select>
  </label>`;
  const same = (values) => values.map((it) => [it, it]);
  const add = (event) => {
    event.preventDefault();
    attempt(async () => {
      const { Id: id } = await send("POST", "faults", account, { body: ruleOf(form) });
      bump();
      return `The rule ${id} is added.`;
    });
  };
  const names = actions.map((it) => it.Name);
  const integer = { type: "number", min: 0, step: 1 };
  return html`<section aria-labelledby="new-rule">
    <h2 id="new-rule">New rule</h2>
    <form class="grid" onSubmit=${add}>
      ${select("action", "Action", [["", "any"], ...same(names)])}
      ${select("effect", "Effect", Object.entries(EFFECTS))}
      ${form.effect === "Error" && select("code", "Error code", same(codes))}
      ${form.effect === "Connection" && select("connection", "Connection", same(CONNECTIONS))}
      ${form.effect === "Http" && field("status", "Status", { ...integer, min: 200, max: 599, required: true })}
      ${form.effect === "Http" && field("body", "Body")}
      ${form.effect !== "DelayMs" && select("when", "When", [["before", "instead of the call"], ["after", "after the call ran"]])}
      ${field("delay", "Delay in ms", { ...integer, max: 600_000, required: form.effect === "DelayMs" })}
      ${field("skip", "Matching calls to skip", integer)}
      ${field("times", "Times; empty for all", integer)}
      ${field("probability", "Probability", { type: "number", min: 0, max: 1, step: "any" })}
      <label class="whole">
        Parameters that a matching call contains
        <textarea rows="4" spellcheck=${false} value=${form.params} onInput=${set("params")} />
      </label>
      <p class="actions whole"><button type="submit" class="main">Add the rule</button></p>
    </form>
    <${Outcome} outcome=${outcome} />
  </section>`;
}
