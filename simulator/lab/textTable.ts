// Tables for people: columns as wide as their widest cell, also with Chinese in them.

/** A wide (Chinese, Japanese, Korean, full-width) character takes two places of a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(char) ? 2 : 1;
  return width;
}

/** The first row is the head. The first `left` columns are texts, the others numbers, set to the right. */
export function textTable(rows: readonly (readonly string[])[], left = 1): readonly string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const fill = ' '.repeat(widths[column] - widthOf(cell));
        return column < left ? cell + fill : fill + cell;
      })
      .join('  ')
      .trimEnd(),
  );
}
