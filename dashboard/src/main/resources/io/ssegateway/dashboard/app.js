// The frame: which view is shown, whether the gateway is heard of, the token and the theme.

import { EventReader, token } from './api.js';
import { channelsTable } from './channels.js';
import { connectionsTable } from './connections.js';
import { announce, byId, element, nameOf, setText } from './dom.js';
import { clock, count } from './format.js';
import { History } from './history.js';
import { Watcher, sender } from './messages.js';
import { Overview } from './overview.js';

const VIEWS = ['overview', 'channels', 'connections', 'messages'];
const IDLE_MS = 5000;
/** A page that nobody sees asks for nothing any more after this time. */
const HIDDEN_MS = 30000;

const history = new History();
const overview = new Overview(history);

// ---- views ----

let view = '';

/** Whoever has a token that does not reach is told so where it happened. */
function onProblem(problem) {
  if (problem.status === 401 || (problem.status === 403 && !token.get())) askForToken(problem);
}

const tables = {
  channels: channelsTable({
    onProblem,
    onConnections(id) {
      filterConnections(id);
      location.hash = 'connections';
    },
    onWatch(id) {
      location.hash = 'messages';
      watcher.watch(id);
    },
  }),
  connections: connectionsTable({ onProblem }),
};
const watcher = new Watcher({ onProblem });
sender({ onProblem });

function filterConnections(id) {
  const note = byId('connections-channel');
  tables.connections.extra = id ? { channel_id: id } : {};
  note.hidden = !id;
  if (id) {
    const clear = element('button', 'small', 'Show all');
    clear.type = 'button';
    clear.addEventListener('click', () => {
      filterConnections('');
      tables.connections.refresh();
    });
    note.replaceChildren(element('span', '', 'Only of channel'), nameOf(id, 'tag'), clear);
  }
}

function show() {
  const wanted = location.hash.slice(1);
  if (wanted === 'main') {
    byId('main').focus();
    return;
  }
  const next = VIEWS.includes(wanted) ? wanted : 'overview';
  if (next === view) return;
  tables[view]?.hide();
  view = next;
  for (const name of VIEWS) {
    byId('view-' + name).hidden = name !== view;
    if (name === view) byId('tab-' + name).setAttribute('aria-current', 'page');
    else byId('tab-' + name).removeAttribute('aria-current');
  }
  document.title = byId('tab-' + view).firstChild.textContent.trim() + ' · SSE Gateway';
  tables[view]?.show();
  if (view === 'overview') overview.draw();
  window.scrollTo(0, 0);
}

addEventListener('hashchange', show);
byId('skip').addEventListener('click', (e) => {
  e.preventDefault();
  byId('main').focus();
});

// ---- the stream of statistics ----

let heardMs = 0;
let countdown = null;

const reader = new EventReader({
  path: 'api/stats/stream',
  idleMs: IDLE_MS,
  onEvent({ type, data }) {
    if (type !== 'stats') return;
    const stats = JSON.parse(data);
    heardMs = Date.now();
    history.add(stats);
    setText(byId('count-channels'), count(stats.channel_count));
    setText(byId('count-connections'), count(stats.connection_count));
    drawTroubles(stats.troubles);
    if (view === 'overview') overview.draw();
  },
  onState,
});

function onState({ state, status, detail, delayMs, failures }) {
  clearInterval(countdown);
  switch (state) {
    case 'open':
      setState('open', 'Live');
      hideBanner();
      tables[view]?.refresh();
      break;
    case 'connecting':
      setState(heardMs || failures ? 'waiting' : 'connecting', heardMs || failures ? 'Reconnecting' : 'Connecting');
      break;
    case 'waiting':
      history.break();
      waitFor(delayMs);
      banner('Reconnecting: ' + detail + '.' + (heardMs ? ' What is shown is of ' + clock(heardMs) + '.' : ''), 'Try now', () => reader.retryNow());
      break;
    case 'denied':
      setState('denied', status === 401 ? 'Needs a token' : 'Not allowed');
      banner(sentence(detail), 'Enter a token', openToken);
      askForToken({ status, message: detail });
      break;
    case 'ended':
      setState('denied', 'Refused');
      banner(sentence(detail), 'Try again', () => reader.start());
      break;
    default:
      setState('off', 'Paused');
  }
}

/** Counts down in sight only: a screen reader hears once that it reconnects. */
function waitFor(delayMs) {
  const end = Date.now() + delayMs;
  const tell = () => setText(byId('state-text'), 'Reconnecting in ' + Math.max(0, Math.ceil((end - Date.now()) / 1000)) + ' s');
  setState('waiting', 'Reconnecting');
  tell();
  countdown = setInterval(tell, 250);
}

function setState(state, text) {
  if (byId('state').dataset.state !== state) announce('Connection: ' + text);
  byId('state').dataset.state = state;
  document.body.dataset.state = state;
  setText(byId('state-text'), text);
}

function banner(text, actionText, action) {
  setText(byId('banner-text'), text);
  const button = byId('banner-action');
  setText(button, actionText);
  button.onclick = action;
  byId('banner').hidden = false;
}

function hideBanner() {
  byId('banner').hidden = true;
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}

function drawTroubles(troubles) {
  const box = byId('troubles');
  if (box.dataset.now === troubles.join('\n')) return;
  box.dataset.now = troubles.join('\n');
  box.hidden = troubles.length === 0;
  box.replaceChildren(...troubles.slice(0, 10).map((text) => element('li', '', text)));
  if (troubles.length) announce('Trouble: ' + troubles.join('; '));
}

let hiddenTimer = null;
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(() => {
      history.break();
      reader.stop();
    }, HIDDEN_MS);
    return;
  }
  if (byId('state').dataset.state === 'off') reader.start();
  tables[view]?.refresh();
});
addEventListener('online', () => reader.retryNow());

// ---- the token ----

const dialog = byId('token-dialog');
const WHY = byId('token-why').textContent;

function askForToken({ status, message }) {
  if (dialog.open) return;
  openToken();
  if (message) setText(byId('token-why'), sentence(message) + (status === 403 && token.get() ? ' Another token may be.' : ''));
}

function openToken() {
  setText(byId('token-why'), WHY);
  byId('token-input').value = '';
  byId('token-forget').hidden = !token.get();
  dialog.showModal();
  byId('token-input').focus();
}

function useToken(value) {
  token.set(value.trim());
  drawToken();
  reader.stop();
  reader.start();
  tables[view]?.refresh();
}

function drawToken() {
  byId('token-open').dataset.set = String(token.get() !== '');
  byId('token-open').setAttribute('aria-label', token.get() ? 'Token: set' : 'Token: none');
}

byId('token-open').addEventListener('click', openToken);
byId('token-cancel').addEventListener('click', () => dialog.close());
byId('token-forget').addEventListener('click', () => {
  dialog.close();
  useToken('');
});
byId('token-form').addEventListener('submit', () => useToken(byId('token-input').value));
dialog.addEventListener('close', () => {
  byId('token-input').value = '';
});

// ---- the theme ----

const THEMES = ['system', 'light', 'dark'];
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

function setTheme(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  localStorage.setItem('sse-gateway-theme', theme);
  byId('theme').setAttribute('aria-label', 'Theme: ' + theme);
  byId('theme').title = 'Theme: ' + theme;
  setText(byId('theme-icon'), { system: '◐', light: '☼', dark: '☾' }[theme]);
  overview.repaint();
}

let theme = localStorage.getItem('sse-gateway-theme') ?? 'system';
byId('theme').addEventListener('click', () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  setTheme(theme);
});
prefersDark.addEventListener('change', () => overview.repaint());

// ---- begin ----

setText(byId('host'), location.host);
setTheme(THEMES.includes(theme) ? theme : 'system');
drawToken();
show();
reader.start();
