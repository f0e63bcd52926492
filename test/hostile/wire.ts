import { connect, type Socket } from 'node:net';

/** Nothing more is expected on a connection that was still for so long. */
export const QUIET_MS = 5_000;

export type Heard = { status: number; answers: number; text: string; isClosed: boolean };

export const openTo = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
};

/** Sends bytes and listens until the server closes, or until `isEnough`. */
export const hear = (
  socket: Socket,
  bytes: string,
  isEnough: (text: string) => boolean = () => false,
): Promise<Heard> =>
  new Promise((resolve) => {
    let text = '';
    const end = (isClosed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      resolve({ status: statuses[0] ?? 0, answers: statuses.length, text, isClosed });
    };
    const timer = setTimeout(() => end(false), QUIET_MS);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isEnough(text)) end(false);
    });
    socket.on('close', () => end(true));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
