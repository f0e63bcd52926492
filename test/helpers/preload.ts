import { setDefaultTimeout } from 'bun:test';
import { urlOfRun } from './run.ts';

// Ends what hangs, and nothing else: five seconds, the default, make a busy machine red.
setDefaultTimeout(60_000);

// In a parallel run some file needs the database: it starts while the files are still being read. A test of its
// own starts it when it asks. Who asks gets the fault; a test that needs no database must not fail of it.
if (process.env.BUN_TEST_WORKER_ID !== undefined) void urlOfRun().catch(() => undefined);
