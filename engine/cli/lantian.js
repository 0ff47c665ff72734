#!/usr/bin/env node
// Starts the command line from the TypeScript sources.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
