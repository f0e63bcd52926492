import { connect, type Socket } from 'node:net';

export type Crowd = {
  /** How many connections the server has closed, as far as their clients listen. */
  closed(): number;
  leave(): void;
};

export type Behaviour = {
  first?: string;
  /** Sent again and again, a piece each time. */
  drip?: (turn: number) => string;
  everyMs?: number;
  isDeaf?: boolean;
  /** Who is cut off comes again. */
  isStubborn?: boolean;
};

/** So many clients that behave badly, each on a connection of its own. */
export const crowdOf = (port: number, count: number, behaviour: Behaviour): Crowd => {
  const { first = '', drip, everyMs = 1_000, isDeaf = false, isStubborn = false } = behaviour;
  const clients = new Set<Socket>();
  let closed = 0;
  let isOver = false;
  const join = (): void => {
    const socket = connect(port, '127.0.0.1');
    clients.add(socket);
    if (isDeaf) socket.pause();
    else socket.resume();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clients.delete(socket);
      if (!isOver) closed += 1;
      if (isStubborn && !isOver) setTimeout(() => isOver || join(), everyMs);
    });
    socket.write(first);
  };
  for (let at = 0; at < count; at += 1) join();
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    if (drip === undefined) return;
    for (const socket of clients) if (!socket.destroyed) socket.write(drip(turn));
  }, everyMs);
  return {
    closed: () => closed,
    leave: () => {
      isOver = true;
      clearInterval(timer);
      for (const socket of clients) socket.destroy();
    },
  };
};
