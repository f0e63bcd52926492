/**
 * Holds so many streams open and reads what comes, in a process of its own: `listeners.ts <port> <token> <streams>`.
 * Says `open` once each has had its first word, and ends with its stdin.
 */
import { connect } from 'node:net';

const [, , port = '', token = '', streams = ''] = process.argv;
let open = 0;
for (let count = 0; count < Number(streams); count += 1) {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET /v1/board/events HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  let begun = false;
  socket.on('data', (bytes: Buffer) => {
    if (begun || !bytes.includes('event: hello')) return;
    begun = true;
    open += 1;
    if (open === Number(streams)) console.log('open');
  });
  // One that is refused or lost is missed by whoever waits for all of them.
  socket.on('error', () => undefined);
}
for await (const _ of process.stdin);
process.exit(0);
