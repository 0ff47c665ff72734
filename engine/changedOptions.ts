// What is other in one set of options than in another, in words: `air.edition auto -> cnemc`.

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** A text for each value that differs; of lists only that they do, since those of a city fill pages. */
export function changedOptions(before: Fields, after: Fields, path = ''): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [old, now, at] = [before[name], after[name], path === '' ? name : `${path}.${name}`];
    if (isFields(old) && isFields(now)) return changedOptions(old, now, at);
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    const isShort = [old, now].every((value) => Object(value) !== value);
    return [isShort ? `${at} ${old ?? 'nothing'} -> ${now ?? 'nothing'}` : `${at} changed`];
  });
}
