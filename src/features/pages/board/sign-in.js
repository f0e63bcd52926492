import { make, message, whileBusy } from '../both/elements.js';
import { field, showIssues } from '../both/fields.js';
import { toldOf } from '../both/words.js';
import { signIn } from './session.js';

export const showSignIn = (page, { shopName, note, done }) => {
  document.title = 'Sign in: board';
  const typed = { email: '', password: '' };
  const one = (name, label, more) =>
    field({
      ...{ name, label, value: '', required: true, ...more },
      onInput: (text) => {
        typed[name] = text;
      },
    });
  const fields = {
    email: one('email', 'E-mail', { type: 'email', autocomplete: 'username' }),
    password: one('password', 'Password', { type: 'password', autocomplete: 'current-password' }),
  };
  const notes = make('div', {}, note === undefined ? undefined : message('warn', note));
  const enter = make('button', { type: 'submit', class: 'primary' }, 'Sign in');
  const send = async () => {
    const answer = await signIn(typed.email.trim(), typed.password);
    if (answer.ok) return done();
    const others = showIssues(fields, answer.error.issues ?? []);
    const isAtFields = others.length === 0 && (answer.error.issues ?? []).length > 0;
    notes.replaceChildren(...(isAtFields ? [] : [message('bad', toldOf(answer))]));
    if (!isAtFields) fields.password.input.select();
  };
  const submit = (event) => {
    event.preventDefault();
    return whileBusy(enter, send);
  };
  page.replaceChildren(
    make(
      'main',
      { class: 'sign-in' },
      make('h1', {}, 'The board'),
      make('p', { class: 'hint' }, `For the people of ${shopName}`),
      make(
        'form',
        { class: 'form', novalidate: true, on: { submit } },
        notes,
        fields.email.element,
        fields.password.element,
        enter,
      ),
    ),
  );
  fields.email.input.focus();
};
