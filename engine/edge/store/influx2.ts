// Mirror into InfluxDB 2.x (also InfluxDB 3 and VictoriaMetrics write endpoints), the client as transport only.

import { HttpError, InfluxDB, Point } from '@influxdata/influxdb-client';
import type { Sink } from '../../pipeline/ports.ts';
import { answered, sinkError, tagValue } from './sinkError.ts';

export interface Influx2Options {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  readonly bucket: string;
  readonly timeoutMs?: number;
}

const pointsPerWrite = 5_000;

/**
 * The client's own buffer and retries are off: with its defaults it lost most of an outage. A 404 (no such bucket)
 * is only logged by the client, so each write is flushed and its failure taken from `writeFailed`.
 */
export function influx2Sink({ url, token, org, bucket, timeoutMs = 10_000 }: Influx2Options): Sink {
  const name = `influx2 ${new URL(url).host}/${org}/${bucket}`;
  const client = new InfluxDB({ url, token, timeout: timeoutMs });
  let failure: unknown;
  const api = client.getWriteApi(org, bucket, 'ms', {
    batchSize: pointsPerWrite + 1,
    flushInterval: 0,
    maxRetries: 0,
    maxBufferLines: 0,
    writeFailed(error) {
      failure = error;
      return Promise.resolve(); // we have it: the client must not log or retry
    },
  });

  return {
    name,
    async write(points) {
      for (let from = 0; from < points.length; from += pointsPerWrite) {
        failure = undefined;
        for (const { measurement, tags, fields, timestampMs } of points.slice(from, from + pointsPerWrite)) {
          const point = new Point(measurement).timestamp(timestampMs);
          for (const [key, value] of Object.entries(tags)) point.tag(key, tagValue(value));
          for (const [key, value] of Object.entries(fields)) point.floatField(key, value);
          api.writePoint(point);
        }
        try {
          await answered(api.flush(), 2 * timeoutMs);
        } catch (error) {
          failure ??= error;
        }
        if (failure !== undefined) throw sinkError(name, withStatus(failure));
      }
    },
    async close() {
      await api.close().catch(() => {});
    },
  };
}

function withStatus(error: unknown): unknown {
  if (!(error instanceof HttpError)) return error;
  return {
    statusCode: error.statusCode,
    body: error.body || error.statusMessage,
    headers: { 'retry-after': String(error.retryAfter()) },
  };
}
