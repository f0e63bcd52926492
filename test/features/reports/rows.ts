import { parse } from 'csv-parse/sync';
import type { Answer, Data } from '../../helpers/app.ts';

export const rowsOf = ({ text }: Answer): Data[] => parse(text, { columns: true, record_delimiter: '\r\n' });
