// What the checks say about a value in a window: a bit mask per metric. A flagged value stays stored with its flags.

/**
 * Bits of a flag mask. `range` and `mark`: rows of the window were left out for it; the others judge the window's value.
 * `unchecked`: it came late, when there were too few minutes before it left to compare it with.
 */
export const Flag = {
  range: 1,
  mark: 2,
  negative: 4,
  spike: 8,
  flat: 16,
  inversion: 32,
  stuck: 64,
  warmUp: 128,
  fog: 256,
  drift: 512,
  unchecked: 1024,
} as const;

/** What a check does with what it finds: keep it out of larger windows, only flag it, or nothing. */
export type RuleAction = 'leave-out' | 'flag' | 'off';

export type FlagName = keyof typeof Flag;

export const flagNames = Object.keys(Flag) as readonly FlagName[];

/** Names for people. */
export const flagTexts: Readonly<Record<FlagName, { readonly zh: string; readonly en: string }>> = {
  range: { zh: '超量程', en: 'out of range' },
  mark: { zh: '仪器标记', en: 'instrument mark' },
  negative: { zh: '负值', en: 'below zero' },
  spike: { zh: '突变', en: 'spike' },
  flat: { zh: '恒值', en: 'flat line' },
  inversion: { zh: 'PM2.5与PM10倒挂', en: 'PM2.5 above PM10' },
  stuck: { zh: '湿度恒为100%', en: 'humidity stuck at 100 %' },
  warmUp: { zh: '预热', en: 'warm-up' },
  fog: { zh: '高湿', en: 'fog' },
  drift: { zh: '漂移', en: 'drift against the standard station' },
  unchecked: { zh: '迟到未检', en: 'late and not compared' },
};

/** All flags of a window as text, empty for none: `pm25:spike,fog pm10:fog`. What stores keep. */
export function flagsText(ids: readonly string[], maskOf: (index: number) => number): string {
  return ids.flatMap((id, i) => (maskOf(i) === 0 ? [] : [`${id}:${flagsOf(maskOf(i)).join()}`])).join(' ');
}

/** The names of one metric's flags in such a text. */
export function flagsInText(text: string, id: string): readonly string[] {
  if (text === '') return [];
  const own = text.split(' ').find((part) => part.startsWith(`${id}:`));
  return own === undefined ? [] : own.slice(id.length + 1).split(',');
}

/** `3` → `["range","mark"]`. */
export function flagsOf(mask: number): FlagName[] {
  return flagNames.filter((name) => (mask & Flag[name]) !== 0);
}
