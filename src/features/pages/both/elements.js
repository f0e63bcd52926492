/** Makes an element. Strings among its children become text, never markup. */
export const make = (tag, { on = {}, ...attributes } = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined && value !== null)
      element.setAttribute(name, String(value));
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(
    ...children.flat().filter((child) => child !== undefined && child !== null && child !== false),
  );
  return element;
};

export const button = (text, onClick, attributes = {}) =>
  make('button', { type: 'button', ...attributes, on: { click: onClick } }, text);

/** A button of which a second press does nothing while the first one is at work. */
export const busyButton = (text, work, attributes = {}) => {
  const element = button(text, () => whileBusy(element, work), attributes);
  return element;
};

/** Not `disabled`: that would take the focus away. */
export const whileBusy = async (element, work) => {
  if (element.getAttribute('aria-disabled') === 'true') return;
  element.setAttribute('aria-disabled', 'true');
  try {
    await work();
  } finally {
    element.removeAttribute('aria-disabled');
  }
};

/** A sentence that a screen reader says at once. `kind`: bad, warn, good or ''. */
export const message = (kind, ...lines) =>
  make(
    'div',
    { class: `message ${kind}`.trim(), role: kind === 'bad' ? 'alert' : 'status' },
    lines.flat().map((line) => (typeof line === 'string' ? make('p', {}, line) : line)),
  );
