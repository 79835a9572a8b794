// The table of connections, and the way to end one.

import { ask } from './api.js';
import { action } from './channels.js';
import { confirmed, element, nameOf, setText, toast } from './dom.js';
import { bytes, duration, integer } from './format.js';
import { PagedTable } from './table.js';

const SHOWN_CHANNELS = 3;
/** Names up to this length are not cut. */
const SHORT = 10;

export function connectionsTable({ onProblem }) {
  const table = new PagedTable({
    name: 'connections',
    path: 'api/connections',
    list: 'connections',
    key: (row) => row.connection_id,
    columns: [
      { label: 'Connection' },
      { label: 'Channels' },
      { label: 'State' },
      { label: 'Open for', number: true },
      { label: 'Pending', number: true },
      { label: 'Behind', number: true },
      { label: 'Last event id' },
      { label: 'Actions', hidden: true },
    ],
    empty: 'Nobody is connected.',
    onProblem,
    create,
  });

  function create(row) {
    const id = row.connection_id;
    const title = element('th', 'main', element('span', 'number-id', '#' + id), ' ', element('span', 'address', row.remote_address), ' ', element('span', 'hint', row.transport));
    title.scope = 'row';
    const channels = element('div', 'tags');
    channels.append(...row.channels.slice(0, SHOWN_CHANNELS).map((name) => nameOf(name, name.length > SHORT ? 'tag' : 'tag whole')));
    const more = row.channel_count - Math.min(SHOWN_CHANNELS, row.channels.length);
    if (more > 0) channels.append(element('span', 'hint', '+' + integer(more)));
    const state = element('span');
    const stateCell = cell('State', 'state-cell');
    stateCell.append(element('span', 'dot'), state);
    const [open, pending, behind] = ['Open for', 'Pending', 'Behind'].map((label) => cell(label, 'number'));
    const last = cell('Last event id', 'mono');
    const end = action('Disconnect', 'Disconnect #' + id, () => disconnect(id, row));
    end.classList.add('danger-text');
    const node = element('tr', '', title, element('td', 'channel-list', channels), stateCell, open, pending, behind, last, element('td', 'actions', end));
    return {
      node,
      update(now) {
        node.dataset.state = now.state;
        setText(state, now.state === 'LIVE' ? 'live' : 'replaying');
        setText(open, duration(Date.now() - now.connected_at_ms));
        setText(pending, now.pending_bytes ? bytes(now.pending_bytes) : '–');
        setText(behind, now.behind_ms ? duration(now.behind_ms) : now.stalled_ms ? 'stalled ' + duration(now.stalled_ms) : '–');
        setText(last, now.last_event_id || '–');
        last.title = now.last_event_id;
      },
    };
  }

  async function disconnect(id, row) {
    const from = row.remote_address + (row.channels.length ? ', on ' + row.channels[0].slice(0, 60) + (row.channel_count > 1 ? ' and more' : '') : '');
    if (!(await confirmed('Disconnect #' + id + '?', from + '. What it is owed is still sent. The client is free to come back, and a browser will.', 'Disconnect'))) return;
    try {
      await ask('api/connections/' + id, { method: 'DELETE' });
      toast('#' + id + ' is disconnected.');
    } catch (e) {
      toast('#' + id + ': ' + e.message, 'error');
      onProblem(e);
    }
    table.refresh();
  }

  return table;
}

function cell(label, className) {
  const td = element('td', className);
  td.dataset.label = label;
  return td;
}
