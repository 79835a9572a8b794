// Requests to the gateway, and streams of it that come back by themselves.
//
// An EventSource can send no Authorization header, and a token in an address ends up in logs. So
// streams are read by fetch, with the token where it belongs.

const TOKEN_KEY = 'sse-gateway-token';
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10000;

export const token = {
  get: () => sessionStorage.getItem(TOKEN_KEY) ?? '',
  set: (value) => (value ? sessionStorage.setItem(TOKEN_KEY, value) : sessionStorage.removeItem(TOKEN_KEY)),
};

/** An answer that is not 2xx. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  /** Whether another token might help. */
  get denied() {
    return this.status === 401 || this.status === 403;
  }
}

async function problemOf(response) {
  let detail = response.status + ' ' + response.statusText;
  try {
    detail = (await response.json()).detail || detail;
  } catch {
    // no problem+json: a proxy's answer, perhaps
  }
  return new Problem(response.status, detail);
}

function headers(more = {}) {
  const value = token.get();
  return value ? { ...more, Authorization: 'Bearer ' + value } : more;
}

/** Addresses are relative: a proxy may have put the page and the API below a path of its own. */
function url(path, query = {}) {
  const address = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== '' && value !== null && value !== undefined) address.searchParams.set(name, value);
  }
  return address;
}

/** Asks, and answers the JSON; throws a Problem. */
export async function ask(path, { method = 'GET', query, body, signal } = {}) {
  const response = await fetch(url(path, query), {
    method,
    signal,
    cache: 'no-store',
    credentials: 'same-origin',
    headers: headers(body ? { 'Content-Type': 'application/json' } : {}),
    body: body ? JSON.stringify(body) : undefined,
  });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/**
 * A stream of Server-Sent Events that comes back by itself, with the last id it has seen.
 *
 * onEvent({type, data, id}); onState({state, detail?, status?, delayMs?}) with the states
 * connecting, open, waiting (to come back after delayMs), denied (another token is needed),
 * ended (the server said so), off.
 */
export class EventReader {
  #path;
  #query;
  #idleMs;
  #onEvent;
  #onState;
  #abort = null;
  #wake = null;
  #retryMs = null;
  lastEventId;

  constructor({ path, query = {}, lastEventId = '', idleMs = 0, onEvent, onState }) {
    this.#path = path;
    this.#query = query;
    this.#idleMs = idleMs;
    this.#onEvent = onEvent;
    this.#onState = onState;
    this.lastEventId = lastEventId;
  }

  get running() {
    return this.#abort !== null;
  }

  start() {
    if (this.#abort) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#run(abort.signal);
  }

  stop() {
    if (!this.#abort) return;
    this.#abort.abort();
    this.#abort = null;
    this.#onState({ state: 'off' });
  }

  /** Comes back at once instead of later. */
  retryNow() {
    this.#wake?.();
  }

  async #run(signal) {
    let failures = 0;
    while (!signal.aborted) {
      this.#onState({ state: 'connecting', failures });
      let detail;
      try {
        await this.#read(signal, () => {
          failures = 0;
        });
        detail = 'the stream ended';
      } catch (e) {
        if (signal.aborted) return;
        if (e instanceof Problem && e.denied) {
          this.#finish(signal, { state: 'denied', status: e.status, detail: e.message });
          return;
        }
        if (e instanceof Problem && e.status >= 400 && e.status < 500 && e.status !== 429) {
          this.#finish(signal, { state: 'ended', status: e.status, detail: e.message });
          return;
        }
        detail = e instanceof Problem ? e.message : 'the gateway does not answer';
      }
      if (signal.aborted) return;
      const base = failures === 0 && this.#retryMs !== null ? this.#retryMs : FIRST_DELAY_MS * 2 ** Math.min(failures, 8);
      const delayMs = Math.round(Math.min(MAX_DELAY_MS, base) * (0.75 + Math.random() / 2));
      failures++;
      this.#onState({ state: 'waiting', delayMs, detail });
      await this.#sleep(delayMs, signal);
    }
  }

  #finish(signal, state) {
    if (signal.aborted) return;
    this.#abort = null;
    this.#onState(state);
  }

  #sleep(ms, signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#wake = end;
      signal.addEventListener('abort', end, { once: true });
    });
  }

  async #read(signal, onOpen) {
    const connection = new AbortController();
    const end = () => connection.abort();
    signal.addEventListener('abort', end, { once: true });
    let idle = null;
    const touch = () => {
      if (!this.#idleMs) return;
      clearTimeout(idle);
      idle = setTimeout(end, this.#idleMs);
    };
    try {
      touch();
      const response = await fetch(url(this.#path, this.#query), {
        signal: connection.signal,
        cache: 'no-store',
        credentials: 'same-origin',
        headers: headers({
          Accept: 'text/event-stream',
          ...(this.lastEventId ? { 'Last-Event-ID': this.lastEventId } : {}),
        }),
      });
      if (!response.ok) throw await problemOf(response);
      onOpen();
      this.#onState({ state: 'open' });
      const parse = this.#parser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        touch();
        parse(value);
        if (connection.signal.aborted) return;
      }
    } finally {
      clearTimeout(idle);
      signal.removeEventListener('abort', end);
      end();
    }
  }

  /** Takes text as it comes; lines end with LF, CR or CRLF. */
  #parser() {
    let rest = '';
    let type = '';
    let data = [];
    let id = this.lastEventId;
    const line = (text) => {
      if (text === '') {
        this.lastEventId = id;
        if (data.length) this.#onEvent({ type: type || 'message', data: data.join('\n'), id });
        type = '';
        data = [];
        return;
      }
      const colon = text.indexOf(':');
      const field = colon < 0 ? text : text.slice(0, colon);
      const value = colon < 0 ? '' : text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1));
      if (field === 'data') data.push(value);
      else if (field === 'event') type = value;
      else if (field === 'id' && !value.includes('\0')) id = value;
      else if (field === 'retry' && /^[0-9]+$/.test(value)) this.#retryMs = Number(value);
    };
    return (chunk) => {
      const text = rest + chunk;
      const ends = /\r\n|\n|\r(?!$)/g;
      let from = 0;
      for (let m = ends.exec(text); m; m = ends.exec(text)) {
        line(text.slice(from, m.index));
        from = ends.lastIndex;
      }
      rest = text.slice(from);
    };
  }
}
