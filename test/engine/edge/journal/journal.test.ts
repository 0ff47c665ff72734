import { appendFile, mkdtemp, open as openFile, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournal, readJournal } from '../../../../engine/edge/journal/journal.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lantian-journal-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const options = () => ({ path: dir, segmentBytes: 200, sync: 'none' as const });
const text = (value: string) => Buffer.from(value);

async function all(from = 0): Promise<string[]> {
  const found: string[] = [];
  for await (const { bytes } of readJournal(dir, from)) found.push(Buffer.from(bytes).toString());
  return found;
}

async function written(count: number, from = 0): Promise<number[]> {
  const { journal } = await openJournal(options());
  const positions: number[] = [];
  for (let i = from; i < from + count; i++) {
    positions.push(journal.append(text(`record ${i}`)));
    await journal.until(journal.position);
  }
  await journal.close();
  return positions;
}

describe('journal', () => {
  test('what is appended is read back in order, over segments, from any position', async () => {
    const positions = await written(50);
    expect((await readdir(dir)).length).toBeGreaterThan(3);
    const records = Array.from({ length: 50 }, (_, i) => `record ${i}`);
    expect(await all()).toEqual(records);
    for (const i of [0, 1, 17, 48, 49]) expect(await all(positions[i])).toEqual(records.slice(i + 1));
  });

  test('durable follows the position; waiting resolves then', async () => {
    const { journal } = await openJournal({ ...options(), sync: 'data' });
    const end = journal.append(text('a'));
    expect(journal.durable).toBe(0);
    await journal.until(end);
    expect(journal.durable).toBe(end);
    await journal.close();
  });

  test('opened again it goes on where it ended', async () => {
    await written(5);
    await written(5, 5);
    expect(await all()).toEqual(Array.from({ length: 10 }, (_, i) => `record ${i}`));
  });

  test('a tail torn at any byte is cut and counted; what came before stays, what comes after follows', async () => {
    await written(3);
    const [name] = await readdir(dir);
    const whole = await readFile(join(dir, name));
    const recordBytes = 8 + 'record 0'.length;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
        await writeFile(join(dir, name), whole.subarray(0, length));
        const kept = Math.max(0, Math.floor((length - 4) / recordBytes));
        const { journal, cutBytes } = await openJournal(options());
        expect(cutBytes).toBe(length < 4 ? length : (length - 4) % recordBytes);
        journal.append(text('after'));
        await journal.close();
        expect(await all()).toEqual([...['record 0', 'record 1', 'record 2'].slice(0, kept), 'after']);
      }),
      { numRuns: 60 },
    );
  });

  test('a flipped bit in the last segment ends it there; in an earlier one it is an error that names the file', async () => {
    await written(30);
    const names = (await readdir(dir)).sort();
    const flip = async (name: string) => {
      const bytes = await readFile(join(dir, name));
      bytes[bytes.length - 3] ^= 4;
      await writeFile(join(dir, name), bytes);
    };
    await flip(names[names.length - 1]);
    expect((await all()).length).toBe(29);
    await flip(names[0]);
    await expect(all()).rejects.toThrow(new RegExp(`${names[0]} is damaged at byte`));
  });

  test('a missing segment and a file that is none are named', async () => {
    await written(30);
    const names = (await readdir(dir)).sort();
    await rm(join(dir, names[1]));
    await expect(all()).rejects.toThrow(/a segment is missing/);
    const other = join(dir, 'other');
    await writeFile(other, 'date,hour,type');
    await expect(readJournal(other).next()).rejects.toThrow(/is not a journal/);
  });

  test('segments before a position go, the newest stays', async () => {
    const positions = await written(30);
    const { journal } = await openJournal(options());
    await journal.dropBefore(positions[20]);
    const names = (await readdir(dir)).sort();
    expect(Number(names[0].slice(0, 16))).toBeLessThanOrEqual(positions[20]);
    expect(await all(positions[20])).toEqual(Array.from({ length: 9 }, (_, i) => `record ${i + 21}`));
    await journal.dropBefore(Number.POSITIVE_INFINITY);
    expect(await readdir(dir)).toHaveLength(1);
    await journal.close();
  });

  test('a disk that refuses is told to everyone who waits', async () => {
    const { journal } = await openJournal(options());
    await rm(dir, { recursive: true });
    await writeFile(dir, ''); // a file where the folder was
    const end = journal.append(text('a'));
    await expect(journal.until(end)).rejects.toThrow(/the journal .* cannot be written/);
    await expect(journal.close()).rejects.toThrow(/cannot be written/);
  });

  test('without a sync of its own it is durable when that is asked for: all segments and their names', async () => {
    const synced: string[] = [];
    const open = async (path: string, flags: number) => {
      const file = await openFile(path, flags);
      const datasync = file.datasync.bind(file);
      file.datasync = async () => {
        synced.push(path);
        await datasync();
      };
      return file;
    };
    const { journal } = await openJournal({ ...options(), sync: 'none', open });
    for (let i = 0; i < 30; i++) await journal.until(journal.append(text(`record ${i}`)));
    const names = (await readdir(dir)).sort().map((name) => join(dir, name));
    expect(names.length).toBeGreaterThan(2);
    expect(synced).toEqual(names.slice(0, -1)); // a segment when the next begins, no write by itself
    await journal.sync();
    expect(synced).toEqual(names);
    await journal.sync();
    expect(synced).toEqual(names); // nothing new
    await journal.close();
  });

  test('after the closing nothing is taken: the next start has the file', async () => {
    const { journal } = await openJournal(options());
    journal.append(text('before'));
    const closing = journal.close();
    expect(() => journal.append(text('after'))).toThrow(/is closed/);
    await closing;
    expect(await all()).toEqual(['before']);
  });

  test('one file instead of a folder', async () => {
    const path = join(dir, 'input.journal');
    for (const record of ['a', 'b']) {
      const { journal } = await openJournal({ path, sync: 'data' });
      journal.append(text(record));
      await journal.close();
    }
    const found: string[] = [];
    for await (const { bytes } of readJournal(path)) found.push(Buffer.from(bytes).toString());
    expect(found).toEqual(['a', 'b']);
  });

  test('an empty segment left by a crash does no harm', async () => {
    await written(2);
    const [name] = await readdir(dir);
    const { size } = await stat(join(dir, name));
    await writeFile(join(dir, `${String(size - 4).padStart(16, '0')}.seg`), '');
    await appendFile(join(dir, name), '');
    await written(1, 2);
    expect(await all()).toEqual(['record 0', 'record 1', 'record 2']);
  });

  test('old segments go by age, the newest and what is still needed never', async () => {
    const positions = await written(50);
    const { journal } = await openJournal(options());
    const names = (await readdir(dir)).sort();
    for (const name of names) await utimes(join(dir, name), 1_000, name < names[2] ? 1_000 : 5_000);
    await journal.dropBefore(positions[49], 1_000_000);
    expect(await readdir(dir)).toHaveLength(names.length); // written at, not before
    await journal.dropBefore(positions[2], 1_000_001);
    expect(await all(0)).toHaveLength(50); // no further than what may go
    await journal.dropBefore(positions[49], 1_000_001);
    expect((await readdir(dir)).sort()).toEqual(names.slice(2));
    await journal.dropBefore(positions[49], 9_000_000);
    expect((await readdir(dir)).sort()).toEqual(names.slice(-1));
    await journal.close();
  });
});
