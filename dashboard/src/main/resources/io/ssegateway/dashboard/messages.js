// The form that sends a message, and the live view of a channel.

import { EventReader, Problem, ask } from './api.js';
import { byId, element, setText } from './dom.js';
import { clock, integer } from './format.js';

const MAX_EVENTS = 200;
const DRAW_MS = 200;
const MIN_INDENTED = 80;
const MAX_SHOWN_CHARS = 4000;

export function sender({ onProblem }) {
  const form = byId('send');
  const result = byId('send-result');
  const fields = form.elements;

  function tell(text, kind) {
    result.dataset.kind = kind;
    result.textContent = text;
  }

  function message() {
    const data = fields.format.value === 'json' ? JSON.parse(fields.data.value) : fields.data.value;
    const body = { data };
    if (fields.channel.value) body.channel_id = fields.channel.value;
    if (fields.type.value) body.event_type = fields.type.value;
    if (fields.id.value) body.id = fields.id.value;
    if (fields.retry.value) {
      if (!/^[0-9]+$/.test(fields.retry.value)) throw new SyntaxError('Retry: "' + fields.retry.value + '" (expected: a number of ms)');
      body.retry = Number(fields.retry.value);
    }
    return body;
  }

  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    let body;
    try {
      body = message();
    } catch (problem) {
      tell('Not sent. ' + problem.message, 'error');
      return;
    }
    const button = form.querySelector('button[type=submit]');
    button.disabled = true;
    tell('Sending', 'busy');
    try {
      const answer = await ask('api/send', { method: 'POST', body });
      const to = answer.sent_count === 1 ? '1 connection' : integer(answer.sent_count) + ' connections';
      tell(`Sent as ${answer.id} to ${to} of this gateway.`, 'good');
    } catch (problem) {
      tell('Not sent. ' + (problem instanceof Problem ? problem.message : 'The gateway does not answer.'), 'error');
      if (problem instanceof Problem) onProblem(problem);
    } finally {
      button.disabled = false;
    }
  });
  fields.data.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) form.requestSubmit();
  });
}

export class Watcher {
  #reader = null;
  #waiting = [];
  #seen = 0;
  #paused = false;
  #timer = null;
  #onProblem;
  #form = byId('watch');
  #list = byId('events');

  constructor({ onProblem }) {
    this.#onProblem = onProblem;
    this.#form.addEventListener('submit', (e) => {
      e.preventDefault();
      if (this.#reader) this.stop();
      else this.#begin();
    });
    byId('watch-pause').addEventListener('click', () => {
      this.#paused = !this.#paused;
      byId('watch-pause').setAttribute('aria-pressed', String(this.#paused));
      setText(byId('watch-pause'), this.#paused ? 'Go on' : 'Pause');
      this.#draw();
    });
    byId('watch-clear').addEventListener('click', () => this.#clear());
    this.#draw();
  }

  /** Watches a channel, instead of another one. */
  watch(channel) {
    if (this.#reader) this.stop();
    this.#form.elements.channel.value = channel;
    this.#form.elements.from.value = 'now';
    byId('send').elements.channel.value = channel;
    this.#begin();
  }

  async #begin() {
    const channel = this.#form.elements.channel.value;
    if (!channel) {
      this.#state('error', 'Name a channel');
      this.#form.elements.channel.focus();
      return;
    }
    this.#clear();
    let lastEventId = '';
    if (this.#form.elements.from.value === 'oldest') {
      try {
        lastEventId = (await ask('api/channels/' + encodeURIComponent(channel))).oldest_id;
      } catch (e) {
        this.#state('error', e.message);
        if (e instanceof Problem) this.#onProblem(e);
        return;
      }
    }
    const reader = new EventReader({
      path: 'sse/connect',
      query: { channel_id: channel },
      lastEventId,
      onEvent: (event) => this.#take(event),
      onState: (s) => this.#reader === reader && this.#onState(s),
    });
    this.#reader = reader;
    this.#form.elements.channel.readOnly = true;
    this.#form.elements.from.disabled = true;
    setText(byId('watch-toggle'), 'Stop');
    byId('watch-pause').disabled = false;
    reader.start();
  }

  stop() {
    const reader = this.#reader;
    this.#reader = null;
    reader?.stop();
    this.#over();
    this.#state('off', 'Stopped');
  }

  #over() {
    this.#reader = null;
    this.#form.elements.channel.readOnly = false;
    this.#form.elements.from.disabled = false;
    setText(byId('watch-toggle'), 'Watch');
    this.#paused = false;
    byId('watch-pause').disabled = true;
    byId('watch-pause').setAttribute('aria-pressed', 'false');
    setText(byId('watch-pause'), 'Pause');
    this.#draw();
  }

  #onState({ state, detail, status, delayMs }) {
    if (state === 'open') this.#state('open', 'Watching');
    else if (state === 'connecting') this.#state('connecting', 'Connecting');
    else if (state === 'waiting') this.#state('waiting', `Comes back in ${Math.max(1, Math.round(delayMs / 1000))} s: ${detail}`);
    else if (state === 'denied' || state === 'ended') {
      this.#over();
      this.#state('error', detail);
      if (state === 'denied') this.#onProblem(new Problem(status, detail));
    }
  }

  #state(state, text) {
    byId('watch-state').dataset.state = state;
    setText(byId('watch-state-text'), text);
  }

  #take(event) {
    this.#seen++;
    this.#waiting.push({ ...event, at: Date.now() });
    if (this.#waiting.length > MAX_EVENTS) this.#waiting.shift();
    if (!this.#timer) this.#timer = setTimeout(() => this.#draw(), DRAW_MS);
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#paused && this.#waiting.length) {
      const nodes = this.#waiting.map(eventNode).reverse();
      this.#waiting = [];
      this.#list.prepend(...nodes);
      while (this.#list.children.length > MAX_EVENTS) this.#list.lastElementChild.remove();
    }
    const shown = this.#list.children.length;
    this.#list.hidden = shown === 0;
    byId('events-empty').hidden = shown > 0;
    byId('watch-clear').disabled = shown === 0;
    setText(
      byId('watch-count'),
      this.#seen === 0 ? '' : integer(this.#seen) + (this.#seen === 1 ? ' event' : ' events') + (this.#seen > shown ? `, the newest ${integer(shown)} shown` : '') + (this.#paused ? ', paused' : ''),
    );
  }

  #clear() {
    this.#waiting = [];
    this.#seen = 0;
    this.#list.replaceChildren();
    this.#draw();
  }
}

function eventNode({ type, data, id, at }) {
  const gap = type === 'gap';
  const text = data.length > MAX_SHOWN_CHARS ? data.slice(0, MAX_SHOWN_CHARS) + `\n… ${integer(data.length - MAX_SHOWN_CHARS)} characters more` : data;
  const kind = element('span', 'event-type', type);
  const time = element('time', '', clock(at));
  time.dateTime = new Date(at).toISOString();
  const body = element('pre', 'event-data', pretty(text));
  body.dir = 'auto';
  const node = element('li', gap ? 'event gap' : 'event', element('div', 'event-head', kind, element('span', 'mono event-id', id), time), body);
  return node;
}

/** Long JSON is indented, anything else stays as it is. */
function pretty(text) {
  if (text.length < MIN_INDENTED || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
