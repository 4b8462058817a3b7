// Parts that several views share.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact.js";
import { call, parse } from "./api.js";

/** Rows drawn above and below the visible ones. */
const OVERSCAN = 8;

/**
 * A list that draws only the visible rows. `row` returns the content of a row by its index, and `keyOf` the key that it keeps
 * when others move it.
 */
export function Rows({ label, count, height, row, keyOf, empty, keepsPlace = false }) {
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const look = () => {
    const { scrollTop, clientHeight } = box.current;
    setView((it) => {
      const isSame = it.top === scrollTop && it.height === clientHeight;
      return isSame ? it : { top: scrollTop, height: clientHeight };
    });
  };
  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [count === 0]);
  // New rows at the top do not move the others, unless the list is at its top.
  const before = useRef(count);
  useLayoutEffect(() => {
    const added = count - before.current;
    before.current = count;
    if (keepsPlace && added > 0 && box.current.scrollTop > 0) {
      box.current.scrollTop += added * height;
    }
  }, [count]);
  const first = Math.max(0, Math.floor(view.top / height) - OVERSCAN);
  const last = Math.min(count, Math.ceil((view.top + view.height) / height) + OVERSCAN);
  const rows = [];
  for (let index = first; index < last; index += 1) {
    rows.push(html`<li
      key=${keyOf(index)}
      class="rows-row"
      style=${{ top: `${index * height}px`, height: `${height}px` }}
      aria-setsize=${count}
      aria-posinset=${index + 1}
    >
      ${row(index)}
    </li>`);
  }
  if (count === 0) return html`<p class="empty" ref=${box}>${empty}</p>`;
  return html`<div class="rows" ref=${box} onScroll=${look} onKeyDown=${moveFocus} tabindex="0" role="group" aria-label=${label}>
    <ul style=${{ height: `${count * height}px` }}>
      ${rows}
    </ul>
  </div>`;
}

/** Moves the focus between rows with the arrow keys. */
function moveFocus(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const row = document.activeElement?.closest(".rows-row");
  const next = step && row?.[step]?.querySelector("button, a");
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** A modal dialog. The browser keeps the focus in it, and closes it with Escape. */
export function Dialog({ title, onClose, children, isWide = false }) {
  const dialog = useRef(null);
  useEffect(() => {
    const { current } = dialog;
    current.showModal();
    return () => current.close();
  }, []);
  return html`<dialog
    ref=${dialog}
    class=${isWide ? "wide" : ""}
    aria-label=${title}
    onCancel=${(event) => {
      event.preventDefault();
      onClose();
    }}
  >
    <header>
      <h2>${title}</h2>
      <button type="button" class="quiet" onClick=${onClose} aria-label="Close">✕</button>
    </header>
    ${children}
  </dialog>`;
}

/** A button that copies a text, and says so. */
export function Copy({ text, label = "Copy" }) {
  const [state, setState] = useState(label);
  useEffect(() => {
    if (state === label) return undefined;
    const timer = setTimeout(() => setState(label), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copied(text)) ? "Copied" : "Select and copy it");
  return html`<button type="button" onClick=${copy}><span aria-live="polite">${state}</span></button>`;
}

/** Copies a text, and returns whether that worked. Only HTTPS and this machine have the clipboard API. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}

/** A text to copy. */
export function Code({ text, label }) {
  return html`<div class="code">
    <pre tabindex="0" role="group" aria-label=${label}>${text}</pre>
    <${Copy} text=${text} />
  </div>`;
}

export const pretty = (value) => JSON.stringify(value, null, 2);

/** Outcome of a request: a message that screen readers announce. */
export function Outcome({ outcome }) {
  return html`<div role="status" class="outcome">
    ${outcome &&
    html`<p class=${outcome.isError ? "bad" : "good"}>${outcome.text}</p>
      ${outcome.details?.length > 0 && html`<ul>
        ${outcome.details.map((it) => html`<li>${it}</li>`)}
      </ul>`}
      ${outcome.code && html`<${Code} text=${outcome.code} label="Response" />`}`}
  </div>`;
}

/** Outcome of an error of the admin API. */
export function failure(error) {
  return { isError: true, text: error.message, details: error.problems };
}

/** Runs `work`, which returns the text of its success, and shows its outcome. */
export function useOutcome() {
  const [outcome, setOutcome] = useState(null);
  const attempt = async (work) => {
    try {
      const text = await work();
      setOutcome(text ? { text } : null);
      return true;
    } catch (error) {
      setOutcome(failure(error));
      return false;
    }
  };
  return [outcome, attempt, setOutcome];
}

/** A button that asks for a second click. */
export function Confirmed({ label, question, onConfirm, disabled }) {
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    if (!isAsked) return undefined;
    const timer = setTimeout(() => setAsked(false), 5000);
    return () => clearTimeout(timer);
  }, [isAsked]);
  const click = (event) => {
    if (event.detail > 1) return; // the second click of a double click
    if (isAsked) onConfirm();
    setAsked(!isAsked);
  };
  const holdKey = (event) => event.repeat && event.preventDefault();
  return html`<button type="button" class="danger" onClick=${click} onKeyDown=${holdKey} disabled=${disabled}>
    <span aria-live="polite">${isAsked ? question : label}</span>
  </button>`;
}

/** A dialog that calls an action, and shows the real code and message. */
export function CallDialog({ account, actions, action: initial, params: given, onClose, onDone }) {
  const [action, setAction] = useState(initial);
  const [text, setText] = useState(pretty(given));
  const [outcome, setOutcome] = useState(null);
  const [abort, setAbort] = useState(null);
  useEffect(() => () => abort?.abort(), [abort]);
  const run = async (event) => {
    event.preventDefault();
    const running = new AbortController();
    setAbort(running);
    setOutcome(null);
    try {
      const { code, message, shown } = await call(account, action, parsed(text), running.signal);
      const isError = code !== "OK";
      setOutcome({ isError, text: isError ? `${code}: ${message}` : code, code: shown });
    } catch (error) {
      setOutcome(failure(error));
    }
    setAbort(null);
    onDone();
  };
  const emulated = actions.filter((it) => it.Emulated).map((it) => it.Name);
  return html`<${Dialog} title=${`Call ${action}`} onClose=${onClose}>
    <form onSubmit=${run}>
      <label>
        Action
        <select value=${action} onChange=${(event) => setAction(event.target.value)}>
          ${emulated.map((it) => html`<option value=${it} selected=${it === action}>${it}</option>`)}
        </select>
      </label>
      <label>
        Parameters
        <textarea rows="10" spellcheck=${false} value=${text} onInput=${(event) => setText(event.target.value)} />
      </label>
      <p class="actions"><button type="submit" class="main" disabled=${abort}>${abort ? "Calling…" : "Call"}</button></p>
    </form>
    <${Outcome} outcome=${outcome} />
  <//>`;
}

/** Parses JSON that a user wrote. An empty text is an empty object. */
export function parsed(text) {
  try {
    return text.trim() === "" ? {} : parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${error.message}`);
  }
}

/** Returns a count with its noun, such as `2 calls`. */
export const countOf = (count, noun, plural = `${noun}s`) => `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
