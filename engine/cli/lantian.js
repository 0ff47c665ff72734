#!/usr/bin/env node
// Starts the command line from the TypeScript sources.
import { register } from 'tsx/esm/api';

register();
// Who reads from a pipe may have seen enough (`| head`).
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
