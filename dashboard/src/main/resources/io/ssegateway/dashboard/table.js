// A table whose rows the server searches, sorts and pages: the document never holds more of them
// than one page.

import { Problem, ask } from './api.js';
import { byId, element, setText } from './dom.js';
import { integer } from './format.js';

const PAGE = 25;
const MAX_ROW = 10000;
const REFRESH_MS = 2000;
const TYPING_MS = 250;

export class PagedTable {
  #spec;
  #rows = new Map();
  #offset = 0;
  #matched = 0;
  #extra = {};
  #timer = null;
  #typing = null;
  #asking = null;
  #shown = false;

  /**
   * spec: name, path, list (the field of the rows), key (of a row), columns ({label, number?}),
   * create() → {node, update(row)}, empty (what to say without rows), onProblem(problem)
   */
  constructor(spec) {
    this.#spec = spec;
    this.form = byId(spec.name + '-filters');
    this.body = element('tbody');
    const head = spec.columns.map(({ label, number, hidden }) => {
      const th = element('th', number ? 'number' : '', hidden ? element('span', 'sr-only', label) : label);
      th.scope = 'col';
      return th;
    });
    const table = element('table', 'rows ' + spec.name, element('thead', '', element('tr', '', ...head)), this.body);
    table.setAttribute('aria-labelledby', 'h-' + spec.name);
    this.table = table;
    this.empty = element('p', 'empty');
    this.empty.hidden = true;
    this.range = element('span', 'range');
    this.range.setAttribute('aria-live', 'polite');
    this.previous = button('Previous', () => this.#turn(-PAGE));
    this.next = button('Next', () => this.#turn(PAGE));
    this.pager = element('div', 'pager', this.range, element('span', 'spacer'), this.previous, this.next);
    byId(spec.name + '-table').append(table, this.empty, this.pager);
    this.form.addEventListener('submit', (e) => {
      e.preventDefault();
      this.#restart();
    });
    this.form.addEventListener('input', (e) => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#restart(), e.target.type === 'search' ? TYPING_MS : 0);
    });
  }

  show() {
    this.#shown = true;
    this.refresh();
  }

  hide() {
    this.#shown = false;
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  /** Further parameters of the question. */
  set extra(query) {
    this.#extra = query;
    this.#offset = 0;
  }

  #restart() {
    this.#offset = 0;
    this.refresh();
  }

  #turn(by) {
    this.#offset = Math.max(0, this.#offset + by);
    this.refresh();
  }

  async refresh() {
    clearTimeout(this.#timer);
    if (!this.#shown || document.hidden) return;
    this.#asking?.abort();
    const abort = new AbortController();
    this.#asking = abort;
    try {
      const query = { ...Object.fromEntries(new FormData(this.form)), ...this.#extra, offset: this.#offset, limit: PAGE };
      const answer = await ask(this.#spec.path, { query, signal: abort.signal });
      if (this.#offset > 0 && this.#offset >= answer.matched) {
        this.#offset = Math.max(0, Math.floor((answer.matched - 1) / PAGE) * PAGE);
        this.refresh();
        return;
      }
      this.#matched = answer.matched;
      this.#draw(answer[this.#spec.list]);
    } catch (e) {
      if (abort.signal.aborted) return;
      if (e instanceof Problem) this.#spec.onProblem(e);
    }
    if (this.#shown && !abort.signal.aborted) this.#timer = setTimeout(() => this.refresh(), REFRESH_MS);
  }

  /** Rows that stay keep their nodes, and with them focus and selection. */
  #draw(rows) {
    const kept = new Map();
    rows.forEach((row, i) => {
      const key = this.#spec.key(row);
      const drawn = this.#rows.get(key) ?? this.#spec.create(row);
      drawn.update(row);
      kept.set(key, drawn);
      const place = this.body.children[i];
      if (place !== drawn.node) this.body.insertBefore(drawn.node, place ?? null);
    });
    for (const [key, drawn] of this.#rows) if (!kept.has(key)) drawn.node.remove();
    this.#rows = kept;

    this.table.hidden = rows.length === 0;
    this.empty.hidden = rows.length > 0;
    const filtered = [...new FormData(this.form)].some(([name, value]) => (name === 'q' && value) || (name === 'state' && value !== 'any')) || Object.keys(this.#extra).length > 0;
    setText(this.empty, filtered ? 'Nothing matches.' : this.#spec.empty);
    const first = rows.length ? this.#offset + 1 : 0;
    const last = this.#offset + rows.length;
    const atBound = last >= MAX_ROW && this.#matched > last;
    setText(
      this.range,
      rows.length ? `${integer(first)}–${integer(last)} of ${integer(this.#matched)}` + (atBound ? '; search to see others' : '') : '',
    );
    this.previous.disabled = this.#offset === 0;
    this.next.disabled = last >= this.#matched || last + PAGE > MAX_ROW;
    this.previous.hidden = this.next.hidden = this.#matched <= PAGE;
    this.pager.hidden = rows.length === 0;
  }
}

function button(text, action) {
  const node = element('button', 'quiet', text);
  node.type = 'button';
  node.addEventListener('click', action);
  return node;
}
