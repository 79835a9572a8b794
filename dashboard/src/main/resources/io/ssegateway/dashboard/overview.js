// The first view: figures, plots, sources and the journal.

import { byId, colour, element, nameOf, setText } from './dom.js';
import { bytes, compact, count, duration, integer, micros, moment, rate } from './format.js';
import { Plots } from './plots.js';

const MAX_SOURCES = 50;

/** Name, value and what is told below it. */
const FIGURES = [
  ['Connections', (s) => count(s.connection_count), (s) => plural(s.channel_count, 'channel')],
  ['Delivered', (s) => perSecond(s, s.rates.delivered), (s) => perSecond(s, s.rates.published) + ' published'],
  ['Publish to write, p99', (s) => latency(s, 'p99_us'), (s) => 'p50 ' + latency(s, 'p50_us')],
  ['Ring', (s) => compact((100 * (s.ring_size - s.ring_remaining)) / s.ring_size) + ' %', (s) => 'of ' + integer(s.ring_size) + ' slots'],
  ['Journal', (s) => bytes(s.journal.size_bytes), (s) => (s.journal.oldest_time_ms ? 'oldest ' + duration(s.time_ms - s.journal.oldest_time_ms) : s.journal.oldest_id ? 'age unknown' : 'no events')],
  ['Behind', (s) => count(s.replaying_count), (s) => bytes(s.pending_bytes) + ' pending'],
];

function plural(n, what) {
  return integer(n) + ' ' + what + (n === 1 ? '' : 's');
}

function perSecond(s, value) {
  return s.interval_ms < 200 ? '–' : rate(value) + '/s';
}

function latency(s, name) {
  const t = s.timings.publish_to_write;
  return t.count ? micros(t[name]) : '–';
}

export class Overview {
  #history;
  #plots;
  #figures;
  #sources = new Map();
  #facts = new Map();

  constructor(history) {
    this.#history = history;
    this.#plots = new Plots(byId('plots'), history);
    this.#figures = FIGURES.map(([label]) => {
      const value = element('dd', 'figure-value', '–');
      const below = element('dd', 'figure-below', '\u00a0');
      byId('figures').append(element('div', 'figure', element('dt', '', label), value, below));
      return { value, below };
    });
    byId('window').addEventListener('change', (e) => this.#plots.setWindow(Number(e.target.value)));
  }

  draw() {
    const stats = this.#history.latest;
    this.#plots.draw();
    if (!stats) return;
    FIGURES.forEach(([, value, below], i) => {
      setText(this.#figures[i].value, value(stats));
      setText(this.#figures[i].below, below(stats));
    });
    this.#drawSources(stats);
    this.#drawJournal(stats);
  }

  repaint() {
    this.#plots.repaint();
    for (const row of this.#sources.values()) row.strip.dataset.drawn = '';
    this.draw();
  }

  #drawSources(stats) {
    const box = byId('sources');
    if (!stats.sources.length) {
      if (!box.querySelector('.empty')) {
        box.replaceChildren(element('p', 'empty', 'No sources are configured: messages come by POST /api/send alone.'));
      }
      return;
    }
    if (!box.querySelector('table')) this.#sources.clear();
    if (this.#sources.size === 0) {
      this.body = element('tbody');
      const head = ['Source', 'Last minutes', 'Received/s', 'Lag', 'Lost', 'Waits'].map((text, i) => {
        const th = element('th', i > 1 ? 'number' : '', text);
        th.scope = 'col';
        return th;
      });
      box.replaceChildren(element('table', 'sources', element('thead', '', element('tr', '', ...head)), this.body));
    }
    for (const source of stats.sources.slice(0, MAX_SOURCES)) {
      let row = this.#sources.get(source.name);
      if (!row) {
        row = this.#newSource(source.name);
        this.#sources.set(source.name, row);
      }
      row.node.dataset.up = source.up;
      setText(row.state, source.up ? 'up' : 'down');
      setText(row.detail, source.detail);
      row.detail.hidden = !source.detail;
      setText(row.received, rate(this.#history.sourceRate(source.name, 'received')));
      setText(row.lag, source.lag < 0 ? '–' : count(source.lag));
      setText(row.lost, count(source.lost));
      setText(row.waits, count(source.waits));
      drawStrip(row.strip, this.#history.sources.get(source.name) ?? []);
    }
  }

  #newSource(name) {
    const state = element('span', 'source-state');
    const detail = element('p', 'source-detail');
    const strip = element('canvas', 'strip');
    strip.width = 240;
    strip.height = 16;
    strip.setAttribute('aria-hidden', 'true');
    const cells = ['Received/s', 'Lag', 'Lost', 'Waits'].map((label) => {
      const td = element('td', 'number');
      td.dataset.label = label;
      return td;
    });
    const title = element('th', '', element('span', 'dot'), nameOf(name), ' ', state, detail);
    title.scope = 'row';
    const node = element('tr', '', title, element('td', '', strip), ...cells);
    this.body.append(node);
    return { node, state, detail, strip, received: cells[0], lag: cells[1], lost: cells[2], waits: cells[3] };
  }

  #drawJournal(stats) {
    const j = stats.journal;
    const append = stats.timings.journal_append;
    const commit = stats.timings.journal_commit;
    this.#fact('Kind', j.name);
    this.#fact('Epoch', j.epoch);
    this.#fact('Newest id', j.newest_id || '–');
    this.#fact('Oldest id', j.oldest_id || '–');
    this.#fact('Oldest event', j.oldest_time_ms ? moment(j.oldest_time_ms) : '–');
    this.#fact('Size', bytes(j.size_bytes));
    this.#fact('Free on its disk', j.free_bytes < 0 ? 'on no disk' : bytes(j.free_bytes));
    this.#fact('Append, p99', append.count ? micros(append.p99_us) : '–');
    this.#fact('Commit, p99', commit.count ? micros(commit.p99_us) : '–');
    this.#fact('Up for', duration(stats.uptime_ms));
  }

  #fact(name, value) {
    let node = this.#facts.get(name);
    if (!node) {
      node = element('dd');
      byId('journal').append(element('div', '', element('dt', '', name), node));
      this.#facts.set(name, node);
    }
    setText(node, value);
    node.title = value;
  }
}

/** Up and down over time: nothing but two colours. */
function drawStrip(canvas, states) {
  const shown = states.slice(-canvas.width / 2);
  const up = colour('--good');
  const down = colour('--bad');
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, canvas.width, canvas.height);
  shown.forEach((state, i) => {
    if (state === null) return;
    context.fillStyle = state ? up : down;
    context.fillRect(canvas.width - (shown.length - i) * 2, state ? 6 : 1, 2, state ? 4 : 14);
  });
}
