import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { type Letter, NeverSent } from '../../src/features/outbox/types.ts';
import { createMailer } from '../../src/process/mailer.ts';
import { aMailServer } from './smtp.ts';

const plain = await aMailServer();
afterAll(() => plain.stop());

const FROM = 'shop@example.com';
const LETTER: Letter = {
  id: '01a20bd7-9f55-7017-915d-6baafcf06001',
  ...{ channel: 'email', recipient: 'ana@example.net', subject: 'Your visit – bald' },
  body: 'Hello Ana,\n\nsee you.\n.\nThe shop, ☎',
};
const send = (url: string, letter = LETTER) =>
  createMailer(url, FROM)(letter, AbortSignal.timeout(20_000)).then(
    () => undefined,
    (error: unknown) => error,
  );

beforeEach(() => {
  plain.mails.length = 0;
  plain.answer.refuse = undefined;
});

describe('a mail by SMTP', () => {
  test('arrives whole, under the id of its delivery', async () => {
    expect(await send(`smtp://127.0.0.1:${plain.port}`)).toBeUndefined();
    const [mail] = plain.mails;
    expect(mail).toMatchObject({ from: FROM, to: ['ana@example.net'] });
    const [head = '', body = ''] = (mail?.source ?? '').split('\r\n\r\n', 2);
    expect(head).toContain(`Message-ID: <${LETTER.id}@example.com>`);
    expect(head).toContain('Auto-Submitted: auto-generated');
    expect(head).toContain(`From: ${FROM}`);
    expect(head).toMatch(/^Subject: =\?UTF-8\?/m);
    const decoded = /base64/i.test(head) ? Buffer.from(body, 'base64').toString() : mail?.source;
    expect(decoded).toContain('Hello Ana');
  });

  test('with the name and password of the address', async () => {
    expect(await send(`smtp://shop:right@127.0.0.1:${plain.port}`)).toBeUndefined();
    expect(plain.mails[0]?.user).toBe('shop');
    const wrong = await send(`smtp://shop:wrong@127.0.0.1:${plain.port}`);
    expect(wrong).toBeInstanceOf(Error);
    // The shop mends its password, and the mail still goes.
    expect(wrong).not.toBeInstanceOf(NeverSent);
  });

  test('over TLS from the first byte, and turned to it by STARTTLS', async () => {
    const secure = await aMailServer({ secure: true });
    const turned = await aMailServer({ disabledCommands: [] });
    const trusting = 'tls.rejectUnauthorized=false';
    expect(await send(`smtps://127.0.0.1:${secure.port}?${trusting}`)).toBeUndefined();
    expect(await send(`smtp://127.0.0.1:${turned.port}?${trusting}`)).toBeUndefined();
    expect([secure.mails[0]?.isSecure, turned.mails[0]?.isSecure]).toEqual([true, true]);
    // A certificate that nobody vouches for is not believed.
    expect(await send(`smtps://127.0.0.1:${secure.port}`)).toBeInstanceOf(Error);
    await Promise.all([secure.stop(), turned.stop()]);
  });

  test('5xx is for good, 4xx is not; no error tells the recipient', async () => {
    plain.answer.refuse = { status: 550, text: 'no such person' };
    const forGood = await send(`smtp://127.0.0.1:${plain.port}`);
    expect(forGood).toBeInstanceOf(NeverSent);
    plain.answer.refuse = { status: 451, text: 'greylisted' };
    const later = await send(`smtp://127.0.0.1:${plain.port}`);
    expect(later).toBeInstanceOf(Error);
    expect(later).not.toBeInstanceOf(NeverSent);
    expect([String(forGood), String(later)]).toEqual(['NeverSent: SMTP 550', 'Error: SMTP 451']);
  });

  test('a server that is not there, or hangs up, is no reason to give up', async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      rude.listen(0, '127.0.0.1', resolve);
    });
    const address = rude.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const hungUp = await send(`smtp://127.0.0.1:${port}`);
    rude.close();
    for (const error of [hungUp, await send('smtp://127.0.0.1:1')]) {
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(NeverSent);
      expect(String(error)).not.toContain('ana@');
    }
  });

  test('a name of files or addresses is text, and no header is slipped in', async () => {
    const letter = { ...LETTER, subject: 'Hello\r\nBcc: eve@example.org', body: '/etc/passwd' };
    await send(`smtp://127.0.0.1:${plain.port}`, letter);
    expect(plain.mails[0]?.to).toEqual(['ana@example.net']);
    expect(plain.mails[0]?.source).not.toMatch(/^Bcc:/im);
  });
});
