/** From this much spent on, a customer is a VIP without anybody's word. */
export const VIP_SPEND_CENTS = 500_000;

/** The last finished visit is longer ago than this: the customer is overdue. */
export const OVERDUE_AFTER = '180 days';
