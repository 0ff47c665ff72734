// A whole engine on a free loopback port, in memory, for tests.

import { configFrom } from '../../engine/config.ts';
import type { Register } from '../../engine/schema/register.ts';
import { type ServeOptions, type Serving, serve } from '../../engine/serve.ts';
import { makeRegister } from '../../simulator/world/city.ts';

export const testRegister: Register = makeRegister(1);

/** Options that are not given are a small engine on the feed clock. A failure of the run fails the test. */
export async function startEngine(
  options: Partial<ServeOptions> & { readonly settings?: Readonly<Record<string, unknown>> } = {},
): Promise<Serving> {
  const { settings, ...rest } = options;
  return serve({
    config: configFrom({ clock: 'feed', ...settings }),
    register: testRegister,
    strict: false,
    store: 'memory',
    mirrors: [],
    host: '127.0.0.1',
    port: 0,
    failed: (error) => {
      throw error;
    },
    ...rest,
  });
}
