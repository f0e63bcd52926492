import { extractText, getDocumentProxy } from 'unpdf';
import type { Client, Data } from '../../helpers/app.ts';

/** The bytes of a file: what the client's helper reads as text is no text. */
export const bytesOf = async (
  request: (path: string, options: { headers: Record<string, string> }) => Response | Promise<Response>,
  { own }: Client,
  path: string,
): Promise<{ response: Response; bytes: Uint8Array }> => {
  const response = await request(path, { headers: own });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
};

/** The text of each page, as a reader of PDF finds it. */
export const pagesOf = async (bytes: Uint8Array): Promise<string[]> => {
  const { text } = await extractText(await getDocumentProxy(bytes.slice()), { mergePages: false });
  return text.map((page) => page.replaceAll(/\s+/g, ' '));
};

/** The text that a page of HTML shows. */
export const shownBy = (html: string): string =>
  html
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => SIGNS[name] ?? '')
    .replaceAll(/\s+/g, ' ');
const SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** A second way to write money, for the tests alone. */
export const dollars = (cents: number): string => {
  const whole = String(Math.trunc(Math.abs(cents) / 100)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${cents < 0 ? '-' : ''}$${whole}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;
};

/** Each figure that the API tells of the invoice, as it is to be printed. */
export const figuresOf = (invoice: Data): string[] => [
  ...invoice.lines.flatMap((line: Data) => [
    `${line.quantity} ${dollars(line.unit_price_cents)}`,
    dollars(line.total_cents),
  ]),
  `Subtotal ${dollars(invoice.subtotal_cents)}`,
  `Tax ${dollars(invoice.tax_cents)}`,
  `Total ${dollars(invoice.total_cents)}`,
  `Paid ${dollars(invoice.paid_cents)}`,
];
