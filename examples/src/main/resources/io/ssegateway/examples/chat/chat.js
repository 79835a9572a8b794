// One stream for both channels. The browser comes back by itself, with the last id it has seen, and
// gets what it missed.
const POINTS = 120;
const values = [];
const byId = id => document.getElementById(id);
const events = new EventSource('/sse/connect?channel_id=chat&channel_id=chart');

events.addEventListener('open', () => { byId('state').textContent = 'live'; });
events.addEventListener('error', () => { byId('state').textContent = 'connection lost, coming back'; });
events.addEventListener('gap', () => say('(some messages are gone)'));
events.addEventListener('said', event => say(event.data));
events.addEventListener('value', event => {
  values.push(Number(event.data));
  if (values.length > POINTS) values.shift();
  byId('value').textContent = event.data;
  byId('line').setAttribute('d', values
    .map((value, i) => `${i ? 'L' : 'M'}${(600 * i) / (POINTS - 1)} ${160 - 1.6 * value}`).join(''));
});

function say(text) {
  const item = document.createElement('li');
  item.textContent = text; // never as markup: it comes from anybody
  byId('messages').append(item);
  item.scrollIntoView({block: 'nearest'});
}

byId('form').addEventListener('submit', async event => {
  event.preventDefault();
  const input = byId('text');
  const response = await fetch('/say', {method: 'POST', headers: {'X-Chat': '1'}, body: input.value})
    .catch(() => null);
  if (response?.ok) {
    input.value = '';
    byId('problem').textContent = '';
  } else {
    byId('problem').textContent = response ? (await response.json()).detail : 'the server does not answer';
  }
});
