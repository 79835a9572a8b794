// Small helpers around the document. Text only ever enters it as text.

export const byId = (id) => document.getElementById(id);

/** An element with a class, properties of choice, and children (nodes or text). */
export function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** Sets a text only if it is another one, so that nothing is laid out in vain. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A foreign name: kept to one line and to its own direction of writing; the whole of it on hover. */
export function nameOf(text, className = '') {
  const node = element('bdi', ('name ' + className).trim(), text);
  node.title = text;
  node.dir = 'auto';
  return node;
}

let toastTimer = null;

/** Says something for a few seconds. */
export function toast(text, kind = 'info') {
  const box = byId('toasts');
  box.replaceChildren(element('p', 'toast ' + kind, text));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.replaceChildren(), kind === 'error' ? 9000 : 4000);
}

/** Tells a screen reader, and nobody else. */
export function announce(text) {
  setText(byId('announce'), text);
}

/** Asks before something that cannot be undone. Answers whether to go on. */
export function confirmed(title, text, action) {
  const dialog = byId('confirm-dialog');
  setText(byId('h-confirm'), title);
  setText(byId('confirm-text'), text);
  setText(byId('confirm-yes'), action);
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

const swatch = element('i');
swatch.hidden = true;
document.body.append(swatch);

/** What a colour that the style sheet has by name is in the theme that is shown. */
export function colour(name) {
  swatch.style.color = `var(${name})`;
  return getComputedStyle(swatch).color;
}
