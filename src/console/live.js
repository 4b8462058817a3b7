// The data of an account, kept current.

import { useCallback, useEffect, useRef, useState } from "./vendor/preact.js";
import { send } from "./api.js";

/** Number of calls read at once. */
const PAGE = 1000;
/** Time limit of a wait for the next call. Proxies close requests that take longer. */
const WAIT_MS = 25_000;
/** Minimum time between two reads of the journal, and between two reads of everything else. */
const CALLS_PAUSE_MS = 250;
const PAUSE_MS = 1000;
/** Time between two looks for changes that are not calls, such as announcements. */
const IDLE_MS = 5000;
/** Pause after a failed request. */
const RETRY_MS = 2000;

/** Returns a signal that aborts together with another one, or when the page is hidden. */
function visible(signal) {
  const abort = new AbortController();
  const hide = () => document.hidden && abort.abort();
  document.addEventListener("visibilitychange", hide, { signal: AbortSignal.any([signal, abort.signal]) });
  hide();
  return AbortSignal.any([signal, abort.signal]);
}

/** Waits while the page is hidden. A browser has few connections to a server, and hidden pages leave them to others. */
const shown = () =>
  new Promise((resolve) => {
    const check = () => document.hidden || resolve(document.removeEventListener("visibilitychange", check));
    document.addEventListener("visibilitychange", check);
    check();
  });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads the calls after a sequence number, and passes each page to `add`. Returns the last number. */
async function readCalls(account, since, signal, add) {
  for (;;) {
    const query = { since, limit: PAGE };
    const { Requests: page } = await send("GET", "requests", account, { query, signal });
    if (page.length === 0) return since;
    since = page.at(-1).Sequence;
    add(page);
    if (page.length < PAGE) return since;
  }
}

/**
 * Follows the journal of an account.
 *
 * Returns its calls, oldest first, whether the server is reachable, and a function that drops calls
 * that the journal no longer has.
 */
export function useCalls(account) {
  const [calls, setCalls] = useState([]);
  const [isConnected, setConnected] = useState(true);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const add = (page) => signal.aborted || setCalls((before) => before.concat(page));
    const follow = async () => {
      let since = 0;
      while (!signal.aborted) {
        try {
          since = await readCalls(account, since, signal, add);
          setConnected(true);
          await pause(CALLS_PAUSE_MS);
          await shown();
          const query = { since, wait_ms: WAIT_MS };
          await send("GET", "requests", account, { query, signal: visible(signal) });
        } catch (error) {
          if (signal.aborted) return;
          if (error.name === "AbortError") continue; // The page was hidden.
          setConnected(false);
          await pause(RETRY_MS);
        }
      }
    };
    setCalls([]);
    follow();
    return () => abort.abort();
  }, [account, round]);
  const prune = async () => {
    const last = calls.at(-1)?.Sequence ?? 0;
    const { Requests: [oldest] } = await send("GET", "requests", account, { query: { limit: 1 } });
    const isKnown = oldest?.Sequence > last || calls.some((it) => it.RequestId === oldest?.RequestId);
    // A deleted account and a restarted server number their calls from the start.
    if (isKnown) setCalls((before) => before.filter((it) => it.Sequence >= oldest.Sequence));
    else if (calls.length > 0) setRound((it) => it + 1);
  };
  return { calls, isConnected, prune };
}

/** Counts up when something may have changed: after calls, after `bump`, and when time has passed. */
export function useTicks(calls) {
  const [tick, setTick] = useState(0);
  const last = useRef(0);
  const bump = useCallback(() => {
    last.current = performance.now();
    setTick((it) => it + 1);
  }, []);
  useEffect(() => {
    const wait = Math.max(0, last.current + PAUSE_MS - performance.now());
    const timer = setTimeout(bump, wait);
    return () => clearTimeout(timer);
  }, [calls.length, calls.at(-1)?.Sequence]);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || bump(), IDLE_MS);
    return () => clearInterval(timer);
  }, []);
  return [tick, bump];
}

/**
 * Returns the JSON of a path, read again with each tick, or null before the first response.
 *
 * A tick during a request causes another request after it, so that a slow response is not dropped.
 */
export function useJson(account, path, tick, query) {
  const [found, setFound] = useState(null);
  const reader = useRef(null);
  const key = JSON.stringify([account, path, query]);
  useEffect(() => {
    const abort = new AbortController();
    const current = { isBusy: false, isStale: false, read: null };
    current.read = async () => {
      current.isStale = true;
      if (current.isBusy) return;
      current.isBusy = true;
      while (current.isStale && !abort.signal.aborted) {
        current.isStale = false;
        try {
          const value = await send("GET", path, account, { query, signal: abort.signal });
          if (!abort.signal.aborted) setFound({ key, value });
        } catch {
          break; // The journal shows that the server is gone.
        }
      }
      current.isBusy = false;
    };
    reader.current = current;
    return () => abort.abort();
  }, [key]);
  useEffect(() => {
    reader.current.read();
  }, [key, tick]);
  return found?.key === key ? found.value : null;
}
