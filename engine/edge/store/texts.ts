// Texts that repeat from row to row (sources, districts, flags): kept once in the table `texts`, rows hold their numbers.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table } from './table.ts';

export const textsTable: Table = {
  name: 'texts',
  columns: [
    { name: 'number', type: 'INTEGER' },
    { name: 'text', type: 'VARCHAR' },
  ],
};

export interface Texts {
  /** A text that is new gets the next number, and waits to be written. */
  numberOf(text: string): number;
  /** Undefined: no row was ever written with this text. */
  find(text: string): number | undefined;
  /** What is not in the file yet: to be written in the transaction of the rows that use it. */
  readonly fresh: readonly { readonly number: number; readonly text: string }[];
  /** The transaction is in: nothing is fresh any more. After one that failed everything still is. */
  written(): void;
}

/** Those of the file. */
export async function readTexts(connection: DuckDBConnection): Promise<Texts> {
  const rows = (await connection.runAndReadAll(`SELECT text, number FROM ${textsTable.name}`)).getRows();
  const numbers = new Map(rows as [string, number][]);
  let fresh: { number: number; text: string }[] = [];

  return {
    numberOf(text) {
      const known = numbers.get(text);
      if (known !== undefined) return known;
      const number = numbers.size;
      numbers.set(text, number);
      fresh.push({ number, text });
      return number;
    },
    find: (text) => numbers.get(text),
    get fresh() {
      return fresh;
    },
    written() {
      fresh = [];
    },
  };
}
