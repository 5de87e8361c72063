// Starts a server and prints its location; the test then kills this process or lets it end without stop().
import { startSqld } from '@switchyard/sqld';

const server = await startSqld();
process.stdout.write(`${JSON.stringify({ pid: server.pid, directory: server.directory })}\n`);
if (process.argv[2] === 'stay') setInterval(() => undefined, 1_000);
if (process.argv[2] === 'exit') process.exit(0);
