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

/**
 * Sends a request, and returns the JSON of its response.
 *
 * `body` is sent as JSON, except for a string, which is sent as it is.
 */
export async function send(method, path, account, { query, body, signal } = {}) {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  let response;
  let answer;
  try {
    response = await fetch(url(path, account, query), { method, body: text, signal });
    answer = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError(response ? "the response has no JSON" : "the server cannot be reached");
  }
  if (!response.ok) throw new RequestError(answer.Message, answer.Status, answer.Problems);
  return answer;
}

/**
 * Calls an action of the cloud as an account.
 *
 * Returns the code, which is `OK` for a success, the message of an error, and the response.
 */
export async function call(account, action, params) {
  const answer = await send("POST", "call", account, { body: { Action: action, Params: params } });
  // A fault rule can replace the envelope with any JSON.
  const response = answer?.Response ?? answer;
  const error = response?.Error;
  return { code: error?.Code ?? "OK", message: error?.Message, response };
}
