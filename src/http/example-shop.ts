/**
 * The ids that the OpenAPI document's examples speak of. A test makes a shop with exactly these things and sends
 * every example to it.
 */
export const EXAMPLE_IDS = {
  appointment: '01a20bd7-9f55-7017-915d-6baafcf06001',
  closure: '01a20bd7-9f55-7017-915d-6baafcf06009',
  correlation: '01a20bd7-9f55-7017-915d-6baafcf06008',
  customer: '01a20bd7-9f55-7017-915d-6baafcf06002',
  done_job: '01a20bd7-9f55-7017-915d-6baafcf0600d',
  // Two lines with nothing said to one of them: approved, it can be booked.
  estimate: '01a20bd7-9f55-7017-915d-6baafcf06012',
  estimate_line: '01a20bd7-9f55-7017-915d-6baafcf06013',
  draft_estimate: '01a20bd7-9f55-7017-915d-6baafcf06014',
  done_estimate: '01a20bd7-9f55-7017-915d-6baafcf06015',
  invoice: '01a20bd7-9f55-7017-915d-6baafcf0600e',
  outbox: '01a20bd7-9f55-7017-915d-6baafcf06012',
  message_template: '01a20bd7-9f55-7017-915d-6baafcf06011',
  other_customer: '01a20bd7-9f55-7017-915d-6baafcf06008',
  hold: '01a20bd7-9f55-7017-915d-6baafcf06009',
  extra_hours: '01a20bd7-9f55-7017-915d-6baafcf0600a',
  payment: '01a20bd7-9f55-7017-915d-6baafcf0600f',
  public_hold: '01a20bd7-9f55-7017-915d-6baafcf06010',
  issued_invoice: '01a20bd7-9f55-7017-915d-6baafcf06011',
  line: '01a20bd7-9f55-7017-915d-6baafcf06003',
  service: '01a20bd7-9f55-7017-915d-6baafcf06004',
  service_area: '01a20bd7-9f55-7017-915d-6baafcf0600b',
  staff: '01a20bd7-9f55-7017-915d-6baafcf06005',
  technician: '01a20bd7-9f55-7017-915d-6baafcf06006',
  time_off: '01a20bd7-9f55-7017-915d-6baafcf0600c',
  vehicle: '01a20bd7-9f55-7017-915d-6baafcf06007',
  webhook: '01a20bd7-9f55-7017-915d-6baafcf06020',
  delivery: '01a20bd7-9f55-7017-915d-6baafcf06021',
} as const;

/** The path of a route whose example is another thing than those of its noun. */
export const examplePath = (thing: keyof typeof EXAMPLE_IDS) => ({
  id: { type: 'string', format: 'uuid', examples: [EXAMPLE_IDS[thing]] },
});

/** Of the address of the example technician's calendar. */
export const EXAMPLE_CALENDAR_TOKEN = 'the token of the address';

/** How the example member of the staff, an owner, logs in; the token belongs to a living session. */
export const EXAMPLE_LOGIN = {
  email: 'owner@example.com',
  password: 'a sentence for the examples',
  refresh_token: 'the refresh_token of a login',
  reset_token: 'the token of the mail',
} as const;

/** The token of the link to the job above. */
export const EXAMPLE_LINK_TOKEN = 'dGhlIHRva2VuIG9mIGFuIGV4YW1wbGUgb25seS4uLi4';

/** The token of the link to the estimate above. */
export const EXAMPLE_ESTIMATE_TOKEN = 'YSB0b2tlbiBvZiBhbiBlc3RpbWF0ZSBvbmx5Li4uLi4';
