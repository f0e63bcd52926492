// By pointer events: one way for mouse, finger and pen. A finger takes the handle, so that the rest of a card scrolls.

const FAR_ENOUGH_PX = 6;
const EDGE_PX = 48;
const SCROLL_PX = 14;

/** `drop(id, { status, index })`; `hold(isHeld)`: while a card is held the board is not drawn anew. */
export const listenToDrags = (board, { drop, hold }) => {
  let drag = null;

  const down = (event) => {
    const card = event.target.closest('.card.movable');
    if (drag !== null || card === null || event.target.closest('button') !== null) return;
    const isMouse = event.pointerType === 'mouse';
    if (isMouse ? event.button !== 0 : event.target.closest('.handle') === null) return;
    drag = { card, pointerId: event.pointerId, x: event.clientX, y: event.clientY, ghost: null };
    addEventListener('pointermove', moved);
    addEventListener('pointerup', up);
    addEventListener('pointercancel', end);
    addEventListener('keydown', escaped, true);
  };

  const moved = (event) => {
    if (event.pointerId !== drag.pointerId) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.ghost === null && Math.hypot(dx, dy) < FAR_ENOUGH_PX) return;
    if (drag.ghost === null) begin();
    drag.ghost.style.translate = `${dx}px ${dy}px`;
    drag.at = { x: event.clientX, y: event.clientY };
    mark();
  };

  const begin = () => {
    const { card } = drag;
    const { left, top, width } = card.getBoundingClientRect();
    const ghost = card.cloneNode(true);
    ghost.classList.add('ghost');
    ghost.setAttribute('aria-hidden', 'true');
    ghost.inert = true;
    ghost.removeAttribute('data-id');
    Object.assign(ghost.style, { left: `${left}px`, top: `${top}px`, width: `${width}px` });
    Object.assign(drag, { ghost, line: document.createElement('li'), scrolling: setInterval(scroll, 16) });
    drag.line.className = 'drop-line';
    document.body.append(ghost);
    card.classList.add('lifted');
    document.body.classList.add('dragging');
    getSelection()?.removeAllRanges();
    hold(true);
  };

  /** Shows where it would come to stand. */
  const mark = () => {
    const { at, line, card } = drag;
    const column = document.elementFromPoint(at.x, at.y)?.closest('.column');
    if (column === null || column === undefined) {
      drag.target = undefined;
      line.remove();
      return;
    }
    const others = [...column.querySelectorAll('.card')].filter((one) => one !== card);
    const found = others.findIndex((one) => {
      const { top, height } = one.getBoundingClientRect();
      return at.y < top + height / 2;
    });
    const index = found === -1 ? others.length : found;
    drag.target = { status: column.dataset.status, index };
    column.querySelector('ul').insertBefore(line, others[index] ?? null);
  };

  const scroll = () => {
    const { at } = drag;
    if (at === undefined) return;
    const { left, right } = board.getBoundingClientRect();
    const toward = (from, low, high) =>
      from < low + EDGE_PX ? -SCROLL_PX : from > high - EDGE_PX ? SCROLL_PX : 0;
    const [x, y] = [toward(at.x, left, right), toward(at.y, 0, innerHeight)];
    if (x !== 0) board.scrollLeft += x;
    if (y !== 0) scrollBy(0, y);
    if (x !== 0 || y !== 0) mark();
  };

  const up = (event) => {
    if (event.pointerId !== drag.pointerId) return;
    const { target, card } = drag;
    end();
    if (target !== undefined) drop(card.dataset.id, target);
  };

  const escaped = (event) => {
    if (event.key === 'Escape') end();
  };

  const end = () => {
    const { ghost, line, card, scrolling } = drag;
    removeEventListener('pointermove', moved);
    removeEventListener('pointerup', up);
    removeEventListener('pointercancel', end);
    removeEventListener('keydown', escaped, true);
    drag = null;
    if (ghost === null) return;
    clearInterval(scrolling);
    ghost.remove();
    line.remove();
    card.classList.remove('lifted');
    document.body.classList.remove('dragging');
    hold(false);
  };

  board.addEventListener('pointerdown', down);
  // Else the browser drags the text that is marked.
  board.addEventListener('dragstart', (event) => event.preventDefault());
};
