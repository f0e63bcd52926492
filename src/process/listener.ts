import { dlopen, ptr } from 'bun:ffi';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { handsConnectionsOver } from './announce.ts';

/**
 * What has knocked at a listening socket and was not let in yet is reset when it closes. So the kernel drops new
 * knocks (SYN) from now on: whoever knocks does so again after a second, at a worker that stays. Linux only; false
 * where it cannot be done, or is not needed since the kernel hands connections over (tcp_migrate_req).
 */
export const turnAwayNewcomers = (port: number, isNeeded = !handsConnectionsOver()): boolean => {
  if (process.platform !== 'linux' || !isNeeded) return false;
  try {
    return listenersAt(port).map(attach).every(Boolean);
  } catch {
    // Another libc, or no /proc: the end is as it would be without this.
    return false;
  }
};

/** The descriptors of this process that listen on the port. */
const listenersAt = (port: number): number[] => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const LISTENING = '0A';
  const sockets = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/self/net/${name}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTENING)
      .map((fields) => `socket:[${fields[9]}]`),
  );
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => sockets.includes(targetOf(descriptor)));
};

const targetOf = (descriptor: number): string => {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
};

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** Classic BPF (linux/filter.h) on the TCP header: code, jump if true, jump if false, value. */
const DROP_SYN = [
  [0x30, 0, 0, 13], // load the byte of flags
  [0x54, 0, 0, 0x12], // of them SYN and ACK
  [0x15, 0, 1, 0x02], // SYN alone?
  [0x06, 0, 0, 0], // dropped
  [0x06, 0, 0, 0xffffffff], // let through whole
] as const;

const attach = (descriptor: number): boolean => {
  const { symbols } = dlopen('libc.so.6', {
    setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  });
  const program = new DataView(new ArrayBuffer(DROP_SYN.length * 8));
  for (const [at, [code, ifTrue, ifFalse, value]] of DROP_SYN.entries()) {
    program.setUint16(at * 8, code, true);
    program.setUint8(at * 8 + 2, ifTrue);
    program.setUint8(at * 8 + 3, ifFalse);
    program.setUint32(at * 8 + 4, value, true);
  }
  // struct sock_fprog: the number of instructions, and where they are.
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, DROP_SYN.length, true);
  header.setBigUint64(8, BigInt(ptr(program)), true);
  return symbols.setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, ptr(header), 16) === 0;
};
