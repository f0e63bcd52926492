import { describe, expect, test } from 'bun:test';
import { createSender } from '../../../src/features/webhooks/sender.ts';
import { isPublicAddress } from '../../../src/values/public-address.ts';
import { testApp } from '../../helpers/app.ts';
import { openReceiver } from './receiver.ts';

const app = await testApp();
const owner = await app.as('owner');

const PRIVATE = [
  ...['127.0.0.1', '127.1.2.3', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.9.9', '192.168.1.1'],
  ...['169.254.169.254', '0.0.0.0', '100.64.0.1', '192.0.2.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fe80::1%eth0',
  ],
  ...[
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001::1',
    '::127.0.0.1',
    'fec0::1',
  ],
];
const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.32.0.1',
  '172.15.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
];

describe('an address of the public internet', () => {
  for (const address of PRIVATE)
    test(`${address} is none`, () => expect(isPublicAddress(address)).toBe(false));
  for (const address of PUBLIC) test(`${address} is one`, () => expect(isPublicAddress(address)).toBe(true));
  test('a name is none', () => expect(isPublicAddress('localhost')).toBe(false));
});

describe('POST /v1/webhooks refuses', () => {
  const WRONG = [
    ...[
      'http://hooks.example.com/',
      'ftp://hooks.example.com/',
      'hooks.example.com',
      '',
      'https://',
      '//a.b',
    ],
    ...['https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://0/'],
    ...[
      'https://[::1]/',
      'https://[::ffff:10.0.0.1]/',
      'https://10.1.2.3:8443/',
      'https://169.254.169.254/latest',
    ],
    ...['https://localhost/', 'https://LOCALHOST./', 'https://a.localhost/', 'https://printer.local/'],
    ...[
      'https://user:secret@hooks.example.com/',
      'https://hooks.example.com/#a',
      `https://a.b/${'x'.repeat(2_000)}`,
    ],
  ];
  for (const url of WRONG) {
    test(url.slice(0, 60), async () => {
      const { error } = await owner.post('/v1/webhooks', { url });
      expect(error).toMatchObject({ code: 422, issues: [{ path: 'url' }] });
    });
  }
});

describe('what is sent', () => {
  const message = { headers: {}, body: '{}' };

  test('goes nowhere private, whatever a name says: every address of it must be public', async () => {
    const receiver = openReceiver();
    const url = receiver.url.replace('127.0.0.1', 'hooks.example.com');
    for (const found of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], []]) {
      const send = createSender({ allowsPrivate: false, resolve: async () => found });
      const { status, error } = await send({ url, ...message });
      expect([status, error]).toEqual([
        undefined,
        found.length === 0 ? 'the name has no address' : 'the address is not one of the public internet',
      ]);
    }
    const real = createSender({ allowsPrivate: false });
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0']) {
      const { status } = await real({ url: receiver.url.replace('127.0.0.1', host), ...message });
      expect(status).toBeUndefined();
    }
    expect(receiver.received).toEqual([]);
  });

  test('goes to the address that was looked at: a name is asked for once', async () => {
    const receiver = openReceiver();
    let asked = 0;
    const send = createSender({
      allowsPrivate: true,
      resolve: async () => {
        asked += 1;
        return asked === 1 ? ['127.0.0.1'] : ['192.0.2.1'];
      },
    });
    const { status } = await send({
      url: receiver.url.replace('127.0.0.1', 'hooks.example.com'),
      ...message,
    });
    expect([status, asked]).toEqual([200, 1]);
    expect(receiver.received[0]?.headers.get('host')).toStartWith('hooks.example.com:');
  });

  test('a name that takes for ever is given up with the rest', async () => {
    const send = createSender({
      allowsPrivate: false,
      timeoutMs: 50,
      resolve: () => new Promise(() => undefined),
    });
    expect((await send({ url: 'https://hooks.example.com/', ...message })).error).toBe(
      'no answer within 0.05 seconds',
    );
  });
});
