// How an option is described: default, what is allowed, unit, reason.

export interface NumberOption {
  readonly type: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly why: string;
}

export interface ChoiceOption<T extends string> {
  readonly type: 'choice';
  readonly default: T;
  readonly choices: readonly T[];
  readonly why: string;
}

export const number = (value: number, range: readonly [min: number, max: number], unit: string, why: string): NumberOption => ({
  type: 'number',
  default: value,
  min: range[0],
  max: range[1],
  unit,
  why,
});

export const choice = <T extends string>(value: T, choices: readonly T[], why: string): ChoiceOption<T> => ({
  type: 'choice',
  default: value,
  choices,
  why,
});
