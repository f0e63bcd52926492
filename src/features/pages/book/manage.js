import { ask, write } from '../both/api.js';
import { busyButton, button, make, message } from '../both/elements.js';
import { toldOf } from '../both/words.js';
import { timePicker } from './picker.js';
import { visitLines } from './visit.js';

/** The visit that a link opens: to be confirmed, moved or canceled. */
export const showVisit = async (main, { clocks }, token) => {
  document.title = 'Your visit';
  const path = `/v1/public/appointments/${encodeURIComponent(token)}`;
  const heading = make('h1', { tabindex: '-1' }, 'Your visit');
  const body = make('div', { class: 'step' });
  main.replaceChildren(heading, body);
  let version = null;

  const load = async (...notes) => {
    const answer = await ask('GET', path);
    if (!answer.ok) return refuse(answer);
    version = answer.etag;
    show(answer.data, notes);
  };
  const refuse = (answer) => {
    if (answer.status === 404) {
      const advice =
        'Links end 30 days after the visit, or when the shop ends them. Check that the whole link was opened, or call the shop.';
      body.replaceChildren(
        message('bad', 'This link opens no visit.', advice),
        make('p', {}, make('a', { href: location.pathname, class: 'button primary' }, 'Book a new visit')),
      );
      return;
    }
    body.replaceChildren(
      message('bad', toldOf(answer)),
      busyButton('Try again', () => load(), { class: 'primary' }),
    );
  };

  /** On the version that is shown: what the shop changed meanwhile is looked at first. */
  const change = async (below, said, sent) => {
    const answer = await write('POST', `${path}/${below}`, {
      body: sent ?? {},
      headers: { 'If-Match': version ?? '*' },
    });
    if (answer.ok) return load(message('good', said(answer.data)));
    if (answer.status === 412)
      return load(
        message(
          'warn',
          'The shop changed this visit meanwhile. Here is how it stands now: please look at it again.',
        ),
      );
    return answer;
  };
  const changeOrTell = async (...changing) => {
    const refusal = await change(...changing);
    if (refusal !== undefined) await load(message('bad', toldOf(refusal)));
  };

  const show = (visit, notes) => {
    body.replaceChildren(...notes, visitLines(visit, clocks), ...actionsOf(visit));
    if (notes.length > 0) scrollTo(0, 0);
  };
  const actionsOf = (visit) => {
    if (visit.status !== 'scheduled' || Date.parse(visit.starts_at) <= Date.now()) {
      return [
        make('p', { class: 'hint' }, 'This visit cannot be changed here any more. Please call the shop.'),
      ];
    }
    return [
      make(
        'div',
        { class: 'actions' },
        visit.confirmed_at === null &&
          busyButton(
            'I will be there',
            () => changeOrTell('confirm', () => 'Thank you. We know now that you will be there.'),
            { class: 'primary' },
          ),
        button('Pick another time', () => move(visit)),
        button('Cancel the visit', () => cancel(visit), { class: 'danger' }),
      ),
    ];
  };

  const cancel = (visit) => {
    const keep = button('Keep the visit', () => show(visit, []));
    body.replaceChildren(
      message('warn', 'Cancel this visit?', 'The time is then free for somebody else.'),
      visitLines(visit, clocks),
      make(
        'div',
        { class: 'actions' },
        busyButton('Yes, cancel the visit', () => changeOrTell('cancel', () => 'This visit is canceled.'), {
          class: 'danger',
        }),
        keep,
      ),
    );
    keep.focus();
  };

  const move = async (visit) => {
    const picker = timePicker({
      clocks,
      pathOf: (parameters) => `${path}/starts?${new URLSearchParams(parameters)}`,
      choose: async ({ starts_at }) => {
        const said = (moved) =>
          `Moved to ${clocks.dateOf(moved.starts_at)}, ${clocks.timeOf(moved.starts_at)}.`;
        const refusal = await change('reschedule', said, { starts_at });
        if (refusal === undefined) return;
        picker.tell(message('bad', toldOf(refusal)));
        if (refusal.status === 409) await picker.reload();
      },
    });
    const title = make('h2', { tabindex: '-1' }, 'When shall we come instead?');
    body.replaceChildren(
      title,
      make('p', {}, `Now it is on ${clocks.dateOf(visit.starts_at)}, ${clocks.timeOf(visit.starts_at)}.`),
      picker.element,
      make(
        'div',
        { class: 'bar' },
        button('Leave it as it is', () => show(visit, [])),
      ),
    );
    title.focus();
    await picker.open();
  };

  body.replaceChildren(make('p', { class: 'hint', role: 'status' }, 'Loading your visit…'));
  await load();
};
