import { describe, expect, test } from 'bun:test';
import { testApp } from '../../helpers/app.ts';

const shop = await testApp({ clock: () => Date.parse('2026-11-24T12:00:00Z') });
const advisor = await shop.as('advisor');

const told = async (vin: string) => (await advisor.get(`/v1/vins/${encodeURIComponent(vin)}`)).data;

describe('GET /v1/vins/:vin', () => {
  test('200: what a right VIN says, however it is written; 304 to who knows it', async () => {
    for (const written of ['1HGCM82633A004352', '1hgcm82633a004352', '1HG-CM82 633A004352']) {
      expect(await told(written)).toEqual({
        vin: '1HGCM82633A004352',
        is_valid: true,
        has_valid_form: true,
        check_digit: { given: '3', expected: '3' },
        model_year: 2003,
        maker: 'Honda',
        suggestions: [],
      });
    }
    const path = '/v1/vins/1HGCM82633A004352';
    const tag = (await advisor.get(path)).headers.get('etag') ?? '';
    expect((await advisor.get(path, { headers: { 'if-none-match': tag } })).status).toBe(304);
  });

  test('200: a wrong check digit, with the right one and what may have been meant', async () => {
    const data = await told('1HGCM82653A004352');
    expect(data).toMatchObject({
      is_valid: false,
      has_valid_form: true,
      check_digit: { given: '5', expected: '3' },
    });
    const misread = await told('1HGCM82633AD04352');
    expect(misread.suggestions).toContain('1HGCM82633A004352');
  });

  test('200: letters that no VIN has are read as the digits they look like', async () => {
    for (const misread of ['1HGCM82633AOO4352', '1HGCM82633AQ04352', 'IHGCM82633A004352']) {
      expect(await told(misread)).toEqual({
        vin: misread,
        ...{ is_valid: false, has_valid_form: false, check_digit: null, model_year: null, maker: null },
        suggestions: ['1HGCM82633A004352'],
      });
    }
  });

  test('404 for what nobody can have meant for a VIN: too short, too long, with other characters', async () => {
    const VIN = '1HGCM82633A004352';
    const odd = [
      '1HGCM8263',
      `${VIN}1`,
      `${VIN} `,
      `-${VIN}`,
      VIN.replace('M', '--M'),
      VIN.replace('M', 'é'),
    ];
    for (const text of [...odd, 'x'.repeat(3_000), "'; drop table", 'ẞ'.repeat(17), '%', `${VIN}\0`]) {
      const { status, error } = await advisor.get(`/v1/vins/${encodeURIComponent(text)}`);
      expect([status, error.reason]).toEqual([404, 'vin.not_found']);
    }
  });

  test('a maker that is not in the table is null, the rest is told', async () => {
    expect(await told('ZZZCM82653A004352')).toMatchObject({
      has_valid_form: true,
      maker: null,
      model_year: 2003,
    });
  });
});
