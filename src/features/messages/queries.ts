import type { Sql } from '../../database/sql.ts';

type OutboxRow = { id: string; template: string; recipient: string | null; subject: string; body: string };

export const insertMail = async (tx: Sql, mail: OutboxRow): Promise<void> => {
  await tx`
    insert into outbox (id, template, recipient, subject, body)
    select ${mail.id}::uuid, ${mail.template}::text, to_whom, ${mail.subject}::text, ${mail.body}::text
    from (select ${mail.recipient}::text as to_whom) one where to_whom is not null`;
};
