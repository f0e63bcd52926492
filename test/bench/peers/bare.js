// Bun's own server and nothing else: what HTTP itself costs. One process.
Bun.serve({
  port: Number(process.env.PORT),
  hostname: '127.0.0.1',
  fetch: () => new Response('{"ok":true}', { headers: { 'Content-Type': 'application/json' } }),
});
