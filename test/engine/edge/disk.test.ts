import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diskWatch, isDiskFull } from '../../../engine/edge/disk.ts';
import { openCommits } from '../../../engine/edge/journal/commits.ts';
import { openJournal, readJournal } from '../../../engine/edge/journal/journal.ts';

const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lantian-disk-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Opens files of which the n-th write leaves half its bytes and fails, `times` times. */
function failing(nth: number, times: number) {
  let writes = 0;
  let left = times;
  return async (path: string, flags: number) => {
    const file = await open(path, flags);
    const write = file.write.bind(file) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
    return Object.assign(file, {
      async write(bytes: Uint8Array, at = 0) {
        writes += 1;
        if (writes < nth || left === 0) return write(bytes, at);
        left -= 1;
        await write(bytes, at, (bytes.length - at) >> 1);
        throw full();
      },
    });
  };
}

describe('a full disk', () => {
  test.each([
    [full(), true],
    [Object.assign(new Error('quota'), { code: 'EDQUOT' }), true],
    [new Error('IO Error: Could not write file: No space left on device'), true],
    [new Error('constraint'), false],
    [undefined, false],
  ])('%s: %s', (error, want) => {
    expect(isDiskFull(error ?? {})).toBe(want);
  });

  test('is told once, waited out, and told to be over; another failure passes', async () => {
    const said: string[] = [];
    const disk = diskWatch({ notice: (text) => said.push(text), sleep: async () => {} });
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 4) throw full();
      return disk.full;
    };
    expect(await disk.keepTrying('/a', work)).toEqual(['/a']);
    expect(disk.full).toEqual([]);
    expect(said).toEqual([
      'the disk of /a is full: feeds wait, nothing acknowledged is lost. Make room; it goes on by itself',
      'there is room on the disk again',
    ]);
    await expect(disk.keepTrying('/a', () => Promise.reject(new Error('other')))).rejects.toThrow('other');
  });

  test('ends the waiting when the run is given up', async () => {
    const disk = diskWatch({ sleep: async () => disk.stop() });
    await expect(disk.keepTrying('/a', () => Promise.reject(full()))).rejects.toThrow('no space left');
  });

  test('at any write of the journal: every record is there once, in order', async () => {
    const records = Array.from({ length: 30 }, (_, i) => `record ${i}`);
    for (let nth = 1; nth <= 45; nth++) {
      const path = join(dir, `journal ${nth}`);
      const disk = diskWatch({ sleep: async () => {} });
      const { journal } = await openJournal({ path, segmentBytes: 60, sync: 'data', disk, open: failing(nth, 3) });
      for (const record of records) {
        journal.append(Buffer.from(record));
        await journal.until(journal.position);
      }
      await journal.close();
      const found: string[] = [];
      for await (const { bytes } of readJournal(path)) found.push(Buffer.from(bytes).toString());
      expect(found, `write ${nth}`).toEqual(records);
    }
  });

  test('at any write of the commits: none is missing, also after the file was written anew', async () => {
    for (let nth = 1; nth <= 25; nth++) {
      const path = join(dir, `commits ${nth}`);
      const options = { path, sync: 'data', disk: diskWatch({ sleep: async () => {} }) } as const;
      const commits = await openCommits({ ...options, open: failing(nth, 3) });
      for (let i = 1; i <= 10; i++) {
        await commits.record(i * 100, [['feed', i]]);
        if (i % 4 === 0) await commits.compact();
      }
      await commits.close();
      const again = await openCommits(options);
      expect([again.position, again.next.get('feed')], `write ${nth}`).toEqual([1_000, 11]);
      await again.close();
    }
  });

  test('without a watch it is a failure that names the journal', async () => {
    const path = join(dir, 'journal');
    const { journal } = await openJournal({ path, sync: 'none', open: failing(2, 1) });
    journal.append(Buffer.from('record'));
    await expect(journal.until(journal.position)).rejects.toThrow(`the journal ${path} cannot be written`);
    await expect(journal.close()).rejects.toThrow();
    expect((await readFile(path)).length).toBe(4);
  });
});
