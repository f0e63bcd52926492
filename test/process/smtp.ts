import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export type Mail = { from: string; to: string[]; user: unknown; source: string; isSecure: boolean };

/** A mail server on loopback that keeps what it takes. `refuse` gives the status and the answer to a recipient. */
export const aMailServer = async (options: SMTPServerOptions = {}) => {
  const mails: Mail[] = [];
  const answer: { refuse?: { status: number; text: string } | undefined } = {};
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.secure === true ? [] : ['STARTTLS'],
    onAuth: ({ username, password }, _, done) =>
      password === 'right' ? done(null, { user: username }) : done(new Error('no')),
    onRcptTo: ({ address }, _, done) => {
      const { refuse } = answer;
      if (refuse === undefined) return done();
      done(Object.assign(new Error(`${refuse.text} <${address}>`), { responseCode: refuse.status }));
    },
    onData: (stream, session, done) => {
      let source = '';
      stream.on('data', (bytes: Buffer) => {
        source += bytes.toString();
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          ...{ from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) },
          ...{ user: session.user, source, isSecure: session.secure },
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // A TCP server that listens has an address of this form.
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, answer, stop: () => new Promise<void>((resolve) => server.close(resolve)) };
};
