// Requests to the admin API.

const ROOT = "/_ecmock/";

/** An error response of the admin API, or a lost connection, which has no status. */
export class RequestError extends Error {
  constructor(message, status = 0, problems = []) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

/** Returns the URL of a path, for an account unless it is null. */
export function url(path, account, query = {}) {
  const params = new URLSearchParams(account === null ? query : { account, ...query });
  const text = params.toString();
  return ROOT + path + (text && `?${text}`);
}

/** Parses JSON. An integer that JavaScript cannot represent keeps its digits, if the browser supports that. */
export const parse = (text) =>
  JSON.parse(text, (_, value, context) => {
    const isLarge = Number.isInteger(value) && !Number.isSafeInteger(value);
    return isLarge && context && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
  });

/** Sends a request, and returns its response with the text of the body. */
async function exchange(method, path, account, { query, body, signal }) {
  const content = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  try {
    const response = await fetch(url(path, account, query), { method, body: content, signal });
    return { response, text: await response.text() };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError("the server cannot be reached");
  }
}

/**
 * Sends a request, and returns the JSON of its response.
 *
 * `body` is sent as JSON, except for a string, which is sent as it is.
 */
export async function send(method, path, account, options = {}) {
  const { response, text } = await exchange(method, path, account, options);
  const answer = jsonOf(text);
  if (!response.ok) throw new RequestError(answer?.Message ?? `HTTP ${response.status}`, response.status, answer?.Problems);
  if (answer === undefined) throw new RequestError("the response has no JSON");
  return answer;
}

function jsonOf(text) {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Calls an action of the cloud as an account.
 *
 * Returns the code, which is `OK` for a success, the message of an error, and the text of the response. A fault rule can
 * replace the response with any status and body.
 */
export async function call(account, action, params, signal) {
  const body = { Action: action, Params: params };
  const { response, text } = await exchange("POST", "call", account, { body, signal });
  const answer = jsonOf(text);
  const shown = answer === undefined ? text : JSON.stringify(answer?.Response ?? answer, null, 2);
  const { Code: code, Message: message } = answer?.Response?.Error ?? {};
  if (typeof code === "string") return { code, message: String(message), shown };
  if (response.ok) return { code: "OK", shown };
  return { code: `HTTP ${response.status}`, message: String(answer?.Message ?? response.statusText), shown };
}
