import { expect, test } from 'vitest';
import { ledgerCounter } from '../../../engine/edge/files/ledgerCount.ts';
import { Bin } from '../../../engine/schema/ledger.ts';
import { batchOf } from '../../harness/batches.ts';

const batch = () => batchOf('air', [{ source: 0, eventMs: 1, values: { pm25: 1 } }]);

test('a row that a stage swallowed, or left without a bin, is seen', () => {
  const ledger = ledgerCounter();
  const { index } = ledger.feed('one');
  const settled = batch();
  settled.bin[0] = Bin.onTime;
  ledger.received(index, 'air', 1);
  expect(ledger.isBalanced()).toBe(false);
  ledger.count(settled);
  expect(ledger.isBalanced()).toBe(true);
  ledger.received(index, 'air', 1);
  ledger.count(batch()); // still pending
  expect(ledger.isBalanced()).toBe(false);
});

test('rows that were refused are received and rejected', () => {
  const ledger = ledgerCounter();
  ledger.refused(ledger.feed('one').index, 'dust', 3, 'bad-json');
  expect(ledger.isBalanced()).toBe(true);
  expect(ledger.ledger().rows).toMatchObject([{ received: 3, bins: { rejected: 3 }, reasons: { 'bad-json': 3 } }]);
});
