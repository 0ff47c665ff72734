// A note about a point, in words.

import { type FlagName, flagNames, flagTexts } from '../../engine/schema/flags.ts';
import type { Note } from '../model/notes.ts';
import { type Language, textOf } from '../text.ts';

/** In brackets, or nothing. */
export function noteText(note: Note | undefined, language: Language): string {
  if (note === undefined) return '';
  const names = note.flags.map((name) => {
    const texts = (flagNames as readonly string[]).includes(name) ? flagTexts[name as FlagName] : undefined;
    return texts?.[language] ?? name;
  });
  if (note.revision > 0) names.push(textOf('corrected', language));
  return names.length === 0 ? '' : ` (${names.join(language === 'zh' ? '、' : ', ')})`;
}
