// The table of channels.

import { element, nameOf, setText } from './dom.js';
import { integer } from './format.js';
import { PagedTable } from './table.js';

export function channelsTable({ onConnections, onWatch, onProblem }) {
  return new PagedTable({
    name: 'channels',
    path: 'api/channels',
    list: 'channels',
    key: (row) => row.channel_id,
    columns: [{ label: 'Channel' }, { label: 'Connections', number: true }, { label: 'Actions', hidden: true }],
    empty: 'No channel has a connection.',
    onProblem,
    create(row) {
      const id = row.channel_id;
      const title = element('th', 'main', nameOf(id));
      title.scope = 'row';
      const count = element('td', 'number');
      count.dataset.label = 'Connections';
      const node = element(
        'tr',
        '',
        title,
        count,
        element('td', 'actions', action('Connections', 'Connections of ' + id, () => onConnections(id)), action('Watch', 'Watch ' + id, () => onWatch(id))),
      );
      return { node, update: (now) => setText(count, integer(now.connection_count)) };
    },
  });
}

export function action(text, label, run) {
  const node = element('button', 'small', text);
  node.type = 'button';
  node.setAttribute('aria-label', label);
  node.addEventListener('click', run);
  return node;
}
