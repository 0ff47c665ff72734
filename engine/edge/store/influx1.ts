// Mirror into InfluxDB 1.x through `influx`. The same key written again overwrites.

import { InfluxDB } from 'influx';
import type { Sink } from '../../pipeline/ports.ts';
import { answered, sinkError, tagValue } from './sinkError.ts';

export interface Influx1Options {
  /** `http://user:password@host:8086/database`; the database is `lantian` when the path names none. */
  readonly url: string;
  readonly timeoutMs?: number;
}

const pointsPerWrite = 5_000;

/** Creates the database with the first write. */
export function influx1Sink({ url, timeoutMs = 10_000 }: Influx1Options): Sink {
  const { hostname, port, protocol, username, password, pathname } = new URL(url);
  const database = decodeURIComponent(pathname.replace(/^\/+|\/+$/g, '')) || 'lantian';
  const name = `influx1 ${hostname}:${port || 8086}/${database}`;
  const client = new InfluxDB({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 8086),
    protocol: protocol === 'https:' ? 'https' : 'http',
    database,
    ...(username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
    options: { timeout: timeoutMs },
    // The mirror decides about trying again.
    pool: { maxRetries: 0, requestTimeout: timeoutMs },
  });
  const wholeMs = 2 * timeoutMs; // the client's own limit comes first
  let isCreated = false;

  return {
    name,
    async write(points) {
      try {
        if (!isCreated) {
          await answered(client.createDatabase(database), wholeMs);
          isCreated = true;
        }
        for (let from = 0; from < points.length; from += pointsPerWrite) {
          const asked = client.writePoints(
            points.slice(from, from + pointsPerWrite).map(({ measurement, tags, fields, timestampMs }) => ({
              measurement,
              tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, tagValue(value)])),
              fields: { ...fields },
              timestamp: timestampMs,
            })),
            { precision: 'ms', database },
          );
          await answered(asked, wholeMs);
        }
      } catch (error) {
        throw sinkError(name, error);
      }
    },
    async close() {},
  };
}
