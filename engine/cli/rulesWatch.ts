// A running engine takes up its rules file when that changes; a file that is wrong changes nothing.

import { problemText } from '../../simulator/fileProblem.ts';
import { parseRules } from '../../simulator/lab/rules/rulesFile.ts';
import { changedOptions } from '../changedOptions.ts';
import { type TextWatch, watchText } from '../edge/files/textWatch.ts';
import type { Run } from '../run.ts';
import type { Rules } from '../stages/correlate/ruleCatalog.ts';

export interface RulesWatchOptions {
  readonly file: string;
  /** That count now. */
  readonly rules: Rules;
  readonly run: Pick<Run, 'setRules'>;
  readonly notice: (text: string) => void;
  readonly failed: (error: Error) => void;
  readonly everyMs?: number;
}

export function watchRules({ file, rules, run, notice, failed, everyMs = 1_000 }: RulesWatchOptions): TextWatch {
  let known = rules;

  function changed(text: string): void {
    const { rules: next, problems } = parseRules(text, file);
    if (next === undefined) {
      notice(`${file} has changed and cannot be used; the rules stay as they are:\n${problems.map(problemText).join('\n')}`);
      return;
    }
    try {
      if (!run.setRules(next)) return;
    } catch (error) {
      failed(error as Error);
      return;
    }
    notice(`${file} has changed; from here on: ${changedOptions(known, next).join(', ')}`);
    known = next;
  }

  return watchText({
    file,
    text: '', // so that what changed while the engine started is seen
    everyMs,
    changed,
    unreadable: ({ message }) => notice(`${file} cannot be read any more; the rules stay as they are: ${message}`),
  });
}
