// Plots of the history by uPlot. All share one time axis and one cursor.

import { colour, element, setText } from './dom.js';
import { bytes, clock, compact, count, duration, micros, rate } from './format.js';

const { uPlot } = window;
const HEIGHT = 150;
/** Seconds that are shown at least; the plot grows from there to what was chosen. */
const LEAST_WINDOW = 60;

const percent = (v) => (v === null || v === undefined ? '–' : compact(v) + ' %');
const whole = (v) => (v === null || v === undefined ? '–' : count(v));
const age = (v) => (v === null || v === undefined ? '–' : duration(v * 1000));

/** What is plotted. The colour is a custom property of the style sheet. */
const PLOTS = [
  { id: 'connections', title: 'Connections', text: whole, axis: compact, series: [['connections', 'open', '--c1'], ['replaying', 'replaying', '--c3']] },
  { id: 'delivered', title: 'Deliveries a second', text: rate, axis: compact, series: [['delivered', 'delivered', '--c1']] },
  { id: 'latency', title: 'Publish to write', text: micros, log: true, series: [['p50', 'p50', '--c1'], ['p90', 'p90', '--c2'], ['p99', 'p99', '--c3'], ['p999', 'p99.9', '--c4']] },
  { id: 'published', title: 'Messages a second', text: rate, axis: compact, series: [['published', 'published', '--c1'], ['refused', 'refused', '--c4']] },
  { id: 'ring', title: 'Ring fill', text: percent, top: 100, series: [['ring', 'full', '--c1']] },
  { id: 'journal', title: 'Journal', text: bytes, binary: true, series: [['journalSize', 'size', '--c1']], extra: ['journalAge', 'oldest event', age] },
  { id: 'churn', title: 'Connects and ends a second', text: rate, axis: compact, series: [['connects', 'connects', '--c1'], ['disconnects', 'ends', '--c3']] },
  { id: 'replays', title: 'Replays and gaps a second', text: rate, axis: compact, series: [['replays', 'replays', '--c1'], ['gaps', 'gaps', '--c4']] },
  { id: 'slow', title: 'Slow clients', text: rate, axis: compact, series: [['pending', 'owed bytes', '--c1'], ['slow', 'fell behind a second', '--c4']] },
];

/** The least 1, 2 or 5 times a power of ten (or of two, for bytes) that is not below. */
function niceTop(value, binary) {
  if (!(value > 0)) return 1;
  if (binary) {
    const unit = 1024 ** Math.max(0, Math.floor(Math.log(value) / Math.log(1024)));
    return niceTop(value / unit, false) * unit;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * power >= value * 0.999) * power;
}

/** Even steps from 0 to the top, at figures that are easy to read. */
function splits(top) {
  const lead = Number(top.toExponential(0)[0]);
  const parts = top === 100 || lead === 2 ? 4 : lead === 5 ? 5 : 2;
  return Array.from({ length: parts + 1 }, (_, i) => (top * i) / parts);
}

/** The powers of ten of a logarithmic axis. */
function powers(min, max) {
  const found = [];
  for (let v = min; v <= max * 1.001; v *= 10) found.push(v);
  return found;
}

class Plot {
  constructor(spec, history, sync) {
    this.spec = spec;
    this.history = history;
    this.window = 300;
    this.from = 0;
    this.hover = null;
    this.keys = spec.series.map(([, label, paint]) => {
      const value = element('b', '', '–');
      const key = element('span', 'key', element('i', 'swatch ' + paint.slice(2)), label, ' ', value);
      return { key, value };
    });
    if (spec.extra) {
      const value = element('b', '', '–');
      this.extra = value;
      this.keys.push({ key: element('span', 'key', spec.extra[1], ' ', value), value });
    }
    this.at = element('span', 'at');
    const heading = element('h3', '', spec.title);
    heading.id = 'plot-' + spec.id;
    this.canvas = element('div', 'plot-canvas');
    this.canvas.setAttribute('role', 'img');
    this.node = element('figure', 'panel plot', element('div', 'plot-head', heading, this.at), element('div', 'keys-row', ...this.keys.map((k) => k.key)), this.canvas);
    this.node.setAttribute('aria-labelledby', heading.id);
    this.node.dataset.plot = spec.id;
    this.sync = sync;
  }

  mount(width) {
    const { spec } = this;
    const axis = {
      stroke: () => colour('--faint'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: () => colour('--grid'), width: 1 },
      ticks: { show: false },
    };
    const logRange = (u, min, max) => {
      if (!(min > 0)) return [100, 10000];
      const low = Math.floor(Math.log10(min));
      return [10 ** low, 10 ** Math.max(low + 1, Math.ceil(Math.log10(max)))];
    };
    this.plot = new uPlot(
      {
        width,
        height: HEIGHT,
        padding: [8, 14, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: false, y: false },
          points: { size: 6 },
          sync: { key: this.sync.key, setSeries: false },
        },
        scales: {
          x: { time: true, range: () => this.range() },
          y: spec.log
            ? { distr: 3, range: logRange }
            : { range: (u, min, max) => [0, spec.top ?? niceTop(max, spec.binary)] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 28, gap: 9, space: 70, values: (u, at) => at.map((t) => this.label(t)) },
          {
            ...axis,
            size: 58,
            gap: 6,
            splits: (u) => (spec.log ? powers(u.scales.y.min, u.scales.y.max) : splits(u.scales.y.max)),
            values: (u, at) => at.map((v) => (spec.axis ?? spec.text)(v)),
          },
        ],
        series: [
          {},
          ...spec.series.map(([, , paint], i) => ({
            stroke: () => colour(paint),
            fill: i === 0 && !spec.log ? () => colour(paint + '-fill') : undefined,
            width: 1.5,
            points: { show: false },
            spanGaps: false,
          })),
        ],
        hooks: {
          setCursor: [
            (u) => {
              this.hover = u.cursor.idx ?? null;
              if (u.cursor.left < 0) this.hover = null;
              this.tell();
            },
          ],
        },
      },
      this.data(),
      this.canvas,
    );
  }

  range() {
    const { time } = this.history;
    const end = time.at(-1) ?? Date.now() / 1000;
    const known = Math.max(LEAST_WINDOW, end - (time[0] ?? end));
    return [end - Math.min(this.window, known), end];
  }

  label(t) {
    const text = clock(t * 1000);
    return text.endsWith(':00') ? text.slice(0, 5) : text;
  }

  data() {
    const { time, columns } = this.history;
    const begin = (time.at(-1) ?? 0) - this.window - 2;
    let from = 0;
    while (from < time.length && time[from] < begin) from++;
    this.from = from;
    return [time.slice(from), ...this.spec.series.map(([name]) => columns[name].slice(from))];
  }

  draw() {
    this.plot?.setData(this.data());
    this.tell();
  }

  /** The figures beside the names: those under the cursor, or the newest. */
  tell() {
    const { time, columns } = this.history;
    const row = this.hover === null ? time.length - 1 : this.from + this.hover;
    setText(this.at, this.hover === null || time[row] === undefined ? '' : clock(time[row] * 1000));
    this.spec.series.forEach(([name], i) => setText(this.keys[i].value, this.spec.text(columns[name][row])));
    if (this.spec.extra) {
      const [name, , text] = this.spec.extra;
      setText(this.extra, text(columns[name][row]));
    }
  }

  /** For those who cannot see it. */
  describe() {
    const last = this.history.time.length - 1;
    const parts = this.spec.series.map(([name, label]) => label + ' ' + this.spec.text(this.history.columns[name][last]));
    this.canvas.setAttribute('aria-label', this.spec.title + ', now: ' + parts.join(', '));
  }
}

export class Plots {
  #box;
  #plots;
  #ticks = 0;

  constructor(box, history) {
    this.#box = box;
    const sync = uPlot.sync('time');
    this.#plots = PLOTS.map((spec) => new Plot(spec, history, sync));
    box.replaceChildren(...this.#plots.map((p) => p.node));
    new ResizeObserver(() => this.#resize()).observe(box);
  }

  #resize() {
    for (const plot of this.#plots) {
      const width = Math.floor(plot.canvas.clientWidth);
      if (width < 50) continue;
      if (!plot.plot) plot.mount(width);
      else if (plot.plot.width !== width) plot.plot.setSize({ width, height: HEIGHT });
    }
  }

  setWindow(seconds) {
    for (const plot of this.#plots) plot.window = seconds;
    this.draw();
  }

  draw() {
    for (const plot of this.#plots) plot.draw();
    if (this.#ticks++ % 10 === 0) for (const plot of this.#plots) plot.describe();
  }

  /** Paints again in the colours of another theme. */
  repaint() {
    for (const plot of this.#plots) plot.plot?.redraw(true, true);
  }
}
