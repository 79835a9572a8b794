// Numbers, times and sizes as people read them.

const UNITS = ['', 'k', 'M', 'G', 'T'];
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 1234567 as "1,234,567". */
export function integer(value) {
  return whole.format(value);
}

/** At most three significant figures and a unit: 0.4, 12, 1.25k. */
export function compact(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  let unit = 0;
  let v = Math.abs(value);
  while (v >= 999.5 && unit < UNITS.length - 1) {
    v /= 1000;
    unit++;
  }
  const digits = v === 0 || v >= 100 || Number.isInteger(v) ? 0 : v >= 10 ? 1 : 2;
  const text = v.toFixed(digits);
  return (value < 0 ? '-' : '') + (text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text) + UNITS[unit];
}

/** Whole numbers up to 99,999, then compact. */
export function count(value) {
  return Math.abs(value) < 100000 ? integer(value) : compact(value);
}

/** A rate: one decimal while it is small. */
export function rate(value) {
  if (value === null || value === undefined) return '–';
  return value !== 0 && Math.abs(value) < 10 ? String(Math.round(value * 10) / 10) : count(Math.round(value));
}

/** Bytes in powers of 1024. */
export function bytes(value) {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let v = value;
  while (v >= 1000 && unit < units.length - 1) {
    v /= 1024;
    unit++;
  }
  return (unit === 0 || v >= 100 ? v.toFixed(0) : v.toFixed(1).replace(/\.0$/, '')) + ' ' + units[unit];
}

/** Microseconds as µs, ms or s. */
export function micros(value) {
  if (value === null || value === undefined) return '–';
  if (value < 1000) return short(value) + ' µs';
  if (value < 1e6) return short(value / 1000) + ' ms';
  return short(value / 1e6) + ' s';
}

/** At most two significant figures behind a point. */
function short(value) {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}

/** Milliseconds as the two greatest units: "3 h 12 min". */
export function duration(ms) {
  if (ms < 1000) return Math.max(0, Math.round(ms)) + ' ms';
  const s = Math.floor(ms / 1000);
  if (s < 60) return s + ' s';
  const steps = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const first = steps.findIndex(([size]) => s >= size);
  const [size, name] = steps[first];
  const head = Math.floor(s / size);
  const rest = Math.floor((s - head * size) / steps[first + 1][0]);
  return head + ' ' + name + (rest > 0 && head < 100 ? ' ' + rest + ' ' + steps[first + 1][1] : '');
}

/** The time of day with seconds. */
export function clock(ms) {
  return new Date(ms).toLocaleTimeString('en-GB');
}

/** Date and time. */
export function moment(ms) {
  const d = new Date(ms);
  return d.toLocaleDateString('en-CA') + ' ' + d.toLocaleTimeString('en-GB');
}
