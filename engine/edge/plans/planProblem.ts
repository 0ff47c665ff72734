// What is wrong in a list of plans, and in which cell.

/** Where and what: row as Excel counts it, header and letter of the column. */
export interface PlanFileProblem {
  readonly row: number;
  readonly column?: string;
  readonly letter?: string;
  readonly value?: string;
  readonly allowed?: string;
  readonly message: string;
}

/** A problem in a cell; `column` is a key of ours. */
export type TellCell = (row: number, column: string, value: string, message: string, allowed?: string) => void;
