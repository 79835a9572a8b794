// A plain EventSource. After a loss the browser comes back by itself with the last id it has seen;
// after the button, the page gives the id in the URL, as a page that was just loaded would.
const POINTS = 240;
const CUT_MS = 5000;
const ORDERS_SHOWN = 24;
const byId = id => document.getElementById(id);
const series = [[], [], []];
const expected = {}; // the next number of each type
let lastEventId = '';
let received = 0;
let missing = 0;
let inSecond = 0;
let replayedSince = null;
let stream = null;

byId('curl').textContent = `curl -N '${location.origin}/sse/connect?channel_id=demo.orders'`;

function state(text, kind) {
  byId('state').textContent = text;
  byId('dot').className = `dot ${kind}`;
}

function connect() {
  const after = lastEventId ? `&last_event_id=${encodeURIComponent(lastEventId)}` : '';
  stream = new EventSource(`/sse/connect?channel_id=demo.prices&channel_id=demo.orders${after}`);
  stream.addEventListener('open', () => state('live', 'live'));
  stream.addEventListener('error', () => state('connection lost, coming back', 'lost'));
  stream.addEventListener('gap', event => { byId('outcome').textContent = `gap: ${JSON.parse(event.data).reason}`; });
  stream.addEventListener('price', event => price(numbered(event)));
  stream.addEventListener('order', event => order(numbered(event)));
  stream.addEventListener('said', event => { count(event); row(event.data, 'you'); });
}

function count(event) {
  lastEventId = event.lastEventId;
  received++;
  inSecond++;
}

function numbered(event) {
  count(event);
  const data = JSON.parse(event.data);
  const next = expected[event.type];
  if (next !== undefined && data.n > next) missing += data.n - next;
  expected[event.type] = data.n + 1;
  const late = Math.max(0, Date.now() - data.t);
  if (replayedSince !== null) {
    if (late > 200) {
      replayedSince++;
    } else {
      byId('outcome').textContent = `came back: ${replayedSince} events read from the journal, ${missing} missing`;
      replayedSince = null;
    }
  }
  if (late <= 200) byId('latency').textContent = late;
  return data;
}

function price(data) {
  data.v.forEach((value, i) => {
    series[i].push(value);
    if (series[i].length > POINTS) series[i].shift();
    byId(`price${i}`).textContent = value.toFixed(2);
  });
}

function order(data) {
  row(`${data.what}, ${data.where}`, `${data.total}.00`);
}

function row(left, right) {
  const item = document.createElement('li');
  for (const text of [left, right]) {
    const span = document.createElement('span');
    span.textContent = text; // never as markup
    item.append(span);
  }
  const list = byId('orders');
  list.prepend(item);
  if (list.children.length > ORDERS_SHOWN) list.lastElementChild.remove();
}

function draw() {
  const all = series.flat();
  if (all.length) {
    const low = Math.min(...all) - 2;
    const high = Math.max(...all) + 2;
    series.forEach((values, i) => byId(`line${i}`).setAttribute('d', values
      .map((value, x) => `${x ? 'L' : 'M'}${(1000 * (x + POINTS - values.length)) / (POINTS - 1)} ${(260 * (high - value)) / (high - low)}`)
      .join('')));
    byId('received').textContent = received.toLocaleString('en');
    byId('missing').textContent = missing;
  }
  requestAnimationFrame(draw);
}

setInterval(() => { byId('rate').textContent = inSecond; inSecond = 0; }, 1000);

byId('cut').addEventListener('click', () => {
  stream.close();
  byId('cut').disabled = true;
  byId('outcome').textContent = '';
  state('cut; back in 5 s', 'lost');
  setTimeout(() => {
    replayedSince = 0;
    byId('cut').disabled = false;
    connect();
  }, CUT_MS);
});

byId('form').addEventListener('submit', async event => {
  event.preventDefault();
  const body = JSON.stringify({channel_id: 'demo.orders', event_type: 'said', data: byId('text').value});
  const response = await fetch('/api/send', {method: 'POST', headers: {'Content-Type': 'application/json'}, body}).catch(() => null);
  if (response?.ok) byId('text').value = '';
  byId('problem').textContent = response?.ok ? '' : response ? (await response.json()).detail : 'the gateway does not answer';
});

connect();
draw();
