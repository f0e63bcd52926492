/** What has been chosen and typed so far: kept in memory alone, for it is about a person and the tablet may be anybody's. */
export const newDraft = () => ({
  /** id → service */
  services: new Map(),
  place: { street: '', code: '', point: null },
  person: { name: '', phone: '', email: '', year: '', make: '', model: '', notes: '' },
  /** The start that is held for this booking, and others that are still held from before. */
  hold: null,
  holds: [],
});

export const minutesOf = (draft) => sum(draft, 'duration_minutes');
export const centsOf = (draft) => sum(draft, 'price_cents');
export const hasPlace = ({ place }) => place.point !== null || place.street !== '';

/** As the API takes it: an address, a point, or both. */
export const locationOf = ({ place: { street, code, point } }) => {
  const address = [street, code].filter((part) => part !== '').join(', ');
  return { ...(address === '' ? {} : { address }), ...(point ?? {}) };
};

export const forgetDeadHolds = (draft) => {
  draft.holds = draft.holds.filter(({ deadline }) => deadline > Date.now());
  if (draft.hold !== null && !draft.holds.includes(draft.hold)) draft.hold = null;
};

const sum = ({ services }, field) => [...services.values()].reduce((all, one) => all + one[field], 0);
