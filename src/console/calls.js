// The calls of an account, newest first, and one call in full.

import { html, useEffect, useMemo, useState } from "./vendor/preact.js";
import { send } from "./api.js";
import { Code, Confirmed, Copy, countOf, Dialog, failure, Outcome, pretty, Rows, useOutcome } from "./parts.js";
import { curl, expectations } from "./snippets.js";

const NO_RESPONSE = "no response";
const codeOf = (call) => call.Code ?? NO_RESPONSE;
const actionOf = (call) => call.Action ?? "no action";
const timeOf = (call) => call.Time.slice(11, 23).replace("Z", "");

export function Calls({ account, actions, calls, prune, makeFault }) {
  const [filter, setFilter] = useState({ action: "", code: "", text: "" });
  const [shown, setShown] = useState(null);
  const [outcome, attempt] = useOutcome();
  const [called, codes] = useMemo(() => [distinct(calls, actionOf), distinct(calls, codeOf)], [calls]);
  const found = useMemo(() => calls.filter((it) => matches(it, filter)), [calls, filter]);
  const set = (name) => (event) => setFilter({ ...filter, [name]: event.target.value });
  const clear = () =>
    attempt(async () => {
      const { Deleted: deleted } = await send("DELETE", "requests", account);
      await prune();
      return `${countOf(deleted, "call")} deleted.`;
    });
  const at = (index) => found[found.length - 1 - index];
  const row = (index) => {
    const call = at(index);
    const notes = [
      call.FaultId && "fault",
      call.Warning && "warning",
      call.Signature.Verdict === "invalid" && "signature",
    ].filter(Boolean);
    return html`<button type="button" class="row calls" onClick=${() => setShown(call)}>
      <span class="dim">${timeOf(call)}</span>
      <span>${actionOf(call)}</span>
      <span class=${call.Code === "OK" ? "good" : "bad"}>${codeOf(call)}</span>
      <span class="dim">${call.Message ?? JSON.stringify(call.Params ?? {})}</span>
      <span class="dim">${call.Client.Name ?? call.Client.UserAgent ?? ""}</span>
      <span class="dim">${call.DurationUs.toLocaleString("en")} µs</span>
      <span>${notes.map((it) => html`<span class="note">${it}</span>`)}</span>
    </button>`;
  };
  const select = (name, label, values) => html`<label>
    ${label}
    <select value=${filter[name]} onChange=${set(name)}>
      <option value="">any</option>
      ${values.map((it) => html`<option value=${it}>${it}</option>`)}
    </select>
  </label>`;
  return html`
    <section aria-labelledby="calls">
      <h2 id="calls">Calls <span class="dim" role="status">${found.length.toLocaleString("en")} of ${calls.length.toLocaleString("en")}</span></h2>
      <div class="toolbar">
        ${select("action", "Action", called)} ${select("code", "Code", codes)}
        <label>Text <input type="search" value=${filter.text} onInput=${set("text")} /></label>
        <${Confirmed} label="Delete calls" question="Really delete?" onConfirm=${clear} disabled=${calls.length === 0} />
      </div>
      <${Outcome} outcome=${outcome} />
      <${Rows} label="Calls, newest first" count=${found.length} height=${34} row=${row} keyOf=${(index) => at(index).RequestId} empty="No calls" keepsPlace />
    </section>
    ${shown && html`<${CallInFull} account=${account} actions=${actions} call=${shown} makeFault=${makeFault} onClose=${() => setShown(null)} />`}
  `;
}

const distinct = (calls, of) => [...new Set(calls.map(of))].sort();

/** The text of each call that a search covers, computed once for each call. */
const texts = new WeakMap();

function matches(call, { action, code, text }) {
  if ((action && actionOf(call) !== action) || (code && codeOf(call) !== code)) return false;
  if (!text) return true;
  if (!texts.has(call)) texts.set(call, JSON.stringify(call).toLowerCase());
  return texts.get(call).includes(text.toLowerCase());
}

/** Members of a call with a row of their own. */
const FACTS = [
  ["Time", (it) => it.Time],
  ["Code", codeOf],
  ["Message", (it) => it.Message],
  ["Duration", (it) => `${it.DurationUs.toLocaleString("en")} µs`],
  ["Client", ({ Client: it }) => [it.Name, it.Version].filter(Boolean).join(" ") || it.UserAgent],
  ["Request", (it) => [it.Method, it.Host, it.Region].filter(Boolean).join(" ")],
  ["Request ID", (it) => it.RequestId],
  ["Trace", (it) => it.TraceId],
  ["Signature", ({ Signature: it }) => [it.Scheme, it.Verdict].filter(Boolean).join(", ")],
  ["Fault", (it) => it.FaultId],
  ["Warning", (it) => it.Warning],
];

function CallInFull({ account, actions, call, makeFault, onClose }) {
  const [full, setFull] = useState(null);
  const [outcome, attempt, setOutcome] = useOutcome();
  const [isExpected, setExpected] = useState(false);
  useEffect(() => {
    send("GET", `requests/${encodeURIComponent(call.RequestId)}`, account).then(setFull, (error) => setOutcome(failure(error)));
  }, []);
  const verify = () =>
    attempt(async () => {
      const expected = { Action: call.Action, Params: call.Params ?? {}, Code: call.Code ?? undefined, Times: 1 };
      const { Ok: isMet, Matched: matched } = await send("POST", "verify", account, { body: expected });
      const found = `${countOf(matched, "call matches", "calls match")}`;
      if (!isMet) throw new Error(`The expectation is not met: ${found}.`);
      return `The expectation is met: ${found}.`;
    });
  return html`<${Dialog} title=${`${actionOf(call)} → ${codeOf(call)}`} onClose=${onClose} isWide>
    <p class="actions">
      ${call.Action && html`
        <${Copy} text=${curl(account, call)} label="Copy as curl" />
        ${actions.some((it) => it.Name === call.Action) && html`<button type="button" onClick=${() => makeFault(call)}>Make this a fault rule</button>`}
        <button type="button" aria-expanded=${isExpected} onClick=${() => setExpected(!isExpected)}>Make this an expectation</button>
      `}
    </p>
    ${isExpected && html`<section aria-label="Expectation">
      ${Object.entries(expectations(call)).map(
        ([language, text]) => html`<h3>${language}</h3><${Code} text=${text} label=${`Expectation in ${language}`} />`,
      )}
      <p class="actions"><button type="button" onClick=${verify}>Verify now</button></p>
    </section>`}
    <${Outcome} outcome=${outcome} />
    <dl>
      ${FACTS.map(([name, of]) => [name, of(call)])
        .filter(([, value]) => value)
        .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
    </dl>
    <h3>Parameters</h3>
    <${Code} text=${pretty(call.Params)} label="Parameters" />
    ${full?.Explanation && html`<${Explanation} explanation=${full.Explanation} />`}
  <//>`;
}

/** The client's mistake, and what the server signs. */
function Explanation({ explanation }) {
  const { Diagnosis: diagnosis, CanonicalRequest: canonical, StringToSign: toSign } = explanation;
  return html`<section aria-label="Explanation of the signature">
    <h3>What the client did</h3>
    ${diagnosis
      ? html`<p><strong>${diagnosis.Name}</strong>: ${diagnosis.Text}</p>`
      : html`<p class="dim">No known mistake explains the signature.</p>`}
    ${canonical && html`<h3>Canonical request of the server</h3><${Code} text=${canonical} label="Canonical request of the server" />`}
    ${toSign && html`<h3>String to sign of the server</h3><${Code} text=${toSign} label="String to sign of the server" />`}
  </section>`;
}
