import { randomBytes } from 'node:crypto';
import { connect, withDatabase } from './connection.ts';
import { adminUrlOfRun, urlOfRun } from './run.ts';
import { TEMPLATE } from './template.ts';

export interface TestDatabase {
  /** Of the role shop, which owns the database. */
  url: string;
  /** The same database as its superuser. */
  adminUrl: string;
  name: string;
  drop(): Promise<void>;
}

/** A migrated database of the test's own, some 70 ms: copying the files takes half of what logging them would. */
export const cloneDatabase = (): Promise<TestDatabase> => make(`template ${TEMPLATE} strategy file_copy`);

/** The same without any table. */
export const emptyDatabase = (): Promise<TestDatabase> => make('template template1');

const make = async (from: string): Promise<TestDatabase> => {
  const [url, adminUrl] = await Promise.all([urlOfRun(), adminUrlOfRun()]);
  const name = `clone_${randomBytes(8).toString('hex')}`;
  const sql = connect(url);
  await sql.unsafe(`create database ${name} ${from}`);
  await sql.end();
  return {
    url: withDatabase(url, name),
    adminUrl: withDatabase(adminUrl, name),
    name,
    drop: () => drop(adminUrl, name),
  };
};

const drop = async (adminUrl: string, name: string): Promise<void> => {
  const sql = connect(adminUrl);
  await sql.unsafe(`drop database if exists ${name} with (force)`);
  await sql.end();
};
