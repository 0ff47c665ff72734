import { type FileProblem, problemText } from '../../simulator/fileProblem.ts';

const problemsShown = 20;

/** Prints the first problems, and how many more there were. */
export function problemPrinter() {
  let count = 0;
  return {
    print(problem: FileProblem) {
      count += 1;
      if (count <= problemsShown) process.stderr.write(`${problemText(problem)}\n`);
    },
    end() {
      if (count > problemsShown) process.stderr.write(`… and ${count - problemsShown} more problems\n`);
      return count;
    },
  };
}
