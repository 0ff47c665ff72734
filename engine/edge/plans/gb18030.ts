// Text as GB18030 bytes: what Excel in Chinese Windows reads without asking. Node decodes it, but does not encode it.

/** Two bytes, as a number, by character of the basic plane; 0: four bytes, or one. */
interface Tables {
  readonly two: Uint16Array;
  /** Position among the four-byte codes of the basic plane; 0xffff: none. */
  readonly four: Uint16Array;
}

/** From 81 30 81 30 to 84 31 A4 39: the rest of the basic plane. */
const fourByteCodes = 39_420;
/** From 90 30 81 30 on: the planes above, in order. */
const upperPlanes = 189_000;

let known: Tables | undefined;

/** The decoder's own table, turned round: so what is written is read back as it was. */
function tables(): Tables {
  if (known !== undefined) return known;
  const two = new Uint16Array(0x10000);
  const four = new Uint16Array(0x10000).fill(0xffff);
  const decoder = new TextDecoder('gb18030');
  const pair = new Uint8Array(2);
  for (let high = 0x81; high <= 0xfe; high++)
    for (let low = 0x40; low <= 0xfe; low++) {
      if (low === 0x7f) continue;
      pair.set([high, low]);
      const char = decoder.decode(pair);
      if (char.length === 1 && char !== '\ufffd') two[char.charCodeAt(0)] ||= (high << 8) | low;
    }
  const quads = new Uint8Array(4 * fourByteCodes);
  for (let i = 0; i < fourByteCodes; i++) quads.set(quadOf(i), 4 * i);
  for (let i = 0; i < fourByteCodes; i++) {
    const char = decoder.decode(quads.subarray(4 * i, 4 * i + 4));
    if (char.length === 1 && (char !== '\ufffd' || four[0xfffd] === 0xffff)) four[char.charCodeAt(0)] = i;
  }
  known = { two, four };
  return known;
}

function quadOf(linear: number): readonly [number, number, number, number] {
  const last = linear % 10;
  const third = Math.floor(linear / 10) % 126;
  const second = Math.floor(linear / 1260) % 10;
  return [0x81 + Math.floor(linear / 12_600), 0x30 + second, 0x81 + third, 0x30 + last];
}

/** A half of a surrogate pair alone becomes a question mark. */
export function encodeGb18030(text: string): Uint8Array {
  const { two, four } = tables();
  const bytes = new Uint8Array(4 * text.length);
  let at = 0;
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (code < 0x80) bytes[at++] = code;
    else if (code >= 0x10000) {
      bytes.set(quadOf(upperPlanes + code - 0x10000), at);
      at += 4;
    } else if (two[code] !== 0) {
      bytes[at++] = two[code] >> 8;
      bytes[at++] = two[code] & 0xff;
    } else if (four[code] !== 0xffff && (code < 0xd800 || code > 0xdfff)) {
      bytes.set(quadOf(four[code]), at);
      at += 4;
    } else bytes[at++] = 0x3f;
  }
  return bytes.slice(0, at);
}
