// What the stream of statistics has told, one row a second, bounded.

const MAX_ROWS = 900;

const GAPS = ['gaps_expired', 'gaps_unknown_epoch', 'gaps_limit'];
const REFUSALS = ['back_pressured', 'journal_unavailable', 'journal_refused'];

const sum = (rates, names) => names.reduce((total, name) => total + (rates[name] ?? 0), 0);

/** The figures that are plotted, out of an event. A figure that is not known is null. */
const FIGURES = {
  connections: (s) => s.connection_count,
  replaying: (s) => s.replaying_count,
  connects: (s) => s.rates.connects,
  disconnects: (s) => sum(s.rates, Object.keys(s.rates).filter((name) => name.startsWith('closed_'))),
  delivered: (s) => s.rates.delivered,
  published: (s) => s.rates.published,
  refused: (s) => sum(s.rates, REFUSALS),
  p50: (s) => latency(s, 'p50_us'),
  p90: (s) => latency(s, 'p90_us'),
  p99: (s) => latency(s, 'p99_us'),
  p999: (s) => latency(s, 'p999_us'),
  ring: (s) => (100 * (s.ring_size - s.ring_remaining)) / s.ring_size,
  journalSize: (s) => s.journal.size_bytes,
  journalAge: (s) => (s.journal.oldest_time_ms ? (s.time_ms - s.journal.oldest_time_ms) / 1000 : null),
  replays: (s) => s.rates.replays,
  gaps: (s) => sum(s.rates, GAPS),
  slow: (s) => s.rates.slow_transitions,
  pending: (s) => s.pending_connection_count,
};

function latency(s, name) {
  const t = s.timings.publish_to_write;
  return t.count ? Math.max(1, t[name]) : null;
}

export class History {
  time = [];
  columns = Object.fromEntries(Object.keys(FIGURES).map((name) => [name, []]));
  /** By name: whether each source was up, in step with time. */
  sources = new Map();
  latest = null;
  #previous = null;

  /** Adds a row. */
  add(stats) {
    const t = stats.time_ms / 1000;
    const last = this.time.at(-1);
    if (last !== undefined && t <= last) return;
    this.#previous = this.latest;
    this.latest = stats;
    // the first event of a connection has no interval to tell rates of
    const known = stats.interval_ms >= 200;
    this.#push(t, (name) => (known || !isRate(name) ? FIGURES[name](stats) : null));
    for (const source of stats.sources) {
      if (!this.sources.has(source.name)) this.sources.set(source.name, this.time.slice(1).map(() => null));
    }
    for (const [name, states] of this.sources) {
      const now = stats.sources.find((s) => s.name === name);
      states.push(now ? now.up : null);
    }
    this.#trim();
  }

  /** Says that what comes next does not join on to what was before. */
  break() {
    const last = this.time.at(-1);
    if (last === undefined || this.columns.connections.at(-1) === null) return;
    this.#push(last + 0.001, () => null);
    for (const states of this.sources.values()) states.push(null);
    this.latest = null;
    this.#trim();
  }

  /** By how much a figure of a source grew a second, or null. */
  sourceRate(name, figure) {
    const now = this.latest?.sources.find((s) => s.name === name);
    const before = this.#previous?.sources.find((s) => s.name === name);
    if (!now || !before) return null;
    const seconds = (this.latest.time_ms - this.#previous.time_ms) / 1000;
    return Math.max(0, (now[figure] - before[figure]) / seconds);
  }

  #push(t, value) {
    this.time.push(t);
    for (const [name, column] of Object.entries(this.columns)) column.push(value(name));
  }

  #trim() {
    if (this.time.length <= MAX_ROWS) return;
    this.time.shift();
    for (const column of Object.values(this.columns)) column.shift();
    for (const states of this.sources.values()) states.shift();
  }
}

const STATES = new Set(['connections', 'replaying', 'ring', 'journalSize', 'journalAge', 'pending']);

function isRate(name) {
  return !STATES.has(name);
}
