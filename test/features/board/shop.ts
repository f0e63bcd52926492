import type { Client, Data, TestApp } from '../../helpers/app.ts';
import { aBooking } from '../../helpers/factories.ts';

/** A job of that start; a state other than scheduled is set in the table itself. */
export const aCard = async (
  app: TestApp,
  owner: Client,
  { status, ...job }: Data & { starts_at: string; status?: string },
): Promise<string> => {
  const { id } = await aBooking(owner, job);
  if (status !== undefined) {
    await app.sql`
      update appointments set status = ${status}, completed_at = case when ${status} = 'completed' then ends_at end
      where id = ${id}`;
  }
  return id;
};

export const boardOf = async (client: Client, query = ''): Promise<Data> =>
  (await client.get(`/v1/board${query}`)).data;

/** The ids of a column as the board shows it; its positions must count from 0. */
export const columnOf = ({ cards }: Data, status: string): string[] => {
  const column = cards.filter((card: Data) => card.status === status);
  const positions = column.map(({ position }: Data) => position);
  if (positions.join() !== [...positions.keys()].join()) throw new Error(`not from 0: ${positions}`);
  return column.map(({ id }: Data) => id);
};
