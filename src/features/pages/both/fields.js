import { make } from './elements.js';

/** A labelled field that can say what is wrong with it. `tag`: input or textarea. */
export const field = ({ name, label, hint, value, onInput, tag = 'input', ...attributes }) => {
  const input = make(tag, {
    ...{ id: `field-${name}`, name, ...attributes },
    on: {
      input: () => {
        fault('');
        onInput(input.value);
      },
    },
  });
  input.value = value;
  const hintText = hint === undefined ? undefined : make('p', { id: `hint-${name}`, class: 'hint' }, hint);
  const faultText = make('p', { id: `fault-${name}`, class: 'fault', hidden: true });
  const fault = (text) => {
    faultText.textContent = text;
    faultText.hidden = text === '';
    if (text === '') input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', 'true');
    const described = [hintText?.id, text === '' ? undefined : faultText.id].filter(Boolean).join(' ');
    if (described === '') input.removeAttribute('aria-describedby');
    else input.setAttribute('aria-describedby', described);
  };
  fault('');
  return {
    label,
    input,
    fault,
    element: make(
      'div',
      { class: 'field' },
      make('label', { for: input.id }, label),
      hintText,
      input,
      faultText,
    ),
  };
};

/** Puts each issue at its field and moves to the first; returns what belongs to none of them. */
export const showIssues = (fields, issues) => {
  for (const one of Object.values(fields)) one.fault('');
  const others = issues.filter(({ path, message }) => {
    fields[path]?.fault(`${fields[path].label} ${message}.`);
    return fields[path] === undefined;
  });
  const first = Object.values(fields).find(({ input }) => input.getAttribute('aria-invalid') === 'true');
  first?.input.focus();
  return others;
};
