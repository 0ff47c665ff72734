// A bounded reader of MessagePack: every length is checked against the bytes that are left before anything is made.

/** What was wrong, and where. Caught by the decoder, never by anyone else. */
export class MsgpackError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Positions in one frame. Methods throw `MsgpackError` for anything that is not what they name. */
export class MsgpackReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  fail(message: string): never {
    throw new MsgpackError(message, this.at);
  }

  private take(length: number): number {
    const from = this.at;
    if (length > this.bytes.length - from) this.fail(`${length} bytes are announced and ${this.bytes.length - from} are left`);
    this.at = from + length;
    return from;
  }

  private head(): number {
    return this.bytes[this.take(1)];
  }

  private uint(width: 1 | 2 | 4): number {
    const from = this.take(width);
    if (width === 1) return this.bytes[from];
    return width === 2 ? this.view.getUint16(from) : this.view.getUint32(from);
  }

  /** Number of entries; each takes at least `bytesPerEntry`, so a lying count fails here. */
  private count(entries: number, bytesPerEntry: number): number {
    if (entries * bytesPerEntry > this.bytes.length - this.at) {
      this.fail(`${entries} entries are announced and ${this.bytes.length - this.at} bytes are left`);
    }
    return entries;
  }

  mapSize(): number {
    const head = this.head();
    if ((head & 0xf0) === 0x80) return this.count(head & 0x0f, 2);
    if (head === 0xde) return this.count(this.uint(2), 2);
    if (head === 0xdf) return this.count(this.uint(4), 2);
    this.at -= 1;
    return this.fail('a map is expected');
  }

  arraySize(): number {
    const head = this.head();
    if ((head & 0xf0) === 0x90) return this.count(head & 0x0f, 1);
    if (head === 0xdc) return this.count(this.uint(2), 1);
    if (head === 0xdd) return this.count(this.uint(4), 1);
    this.at -= 1;
    return this.fail('an array is expected');
  }

  text(lengthMax: number): string {
    const head = this.head();
    let length: number;
    if ((head & 0xe0) === 0xa0) length = head & 0x1f;
    else if (head === 0xd9) length = this.uint(1);
    else if (head === 0xda) length = this.uint(2);
    else if (head === 0xdb) length = this.uint(4);
    else {
      this.at -= 1;
      return this.fail('a text is expected');
    }
    if (length > lengthMax * 4) this.fail(`a text of ${length} bytes; at most ${lengthMax * 4}`);
    const from = this.take(length);
    return this.decoded(from, length);
  }

  private decoded(from: number, length: number): string {
    if (length <= 24) {
      let text = '';
      for (let i = from; i < from + length; i++) {
        const code = this.bytes[i];
        if (code > 0x7f) return this.utf8(from, length);
        text += String.fromCharCode(code);
      }
      return text;
    }
    return this.utf8(from, length);
  }

  private utf8(from: number, length: number): string {
    try {
      return utf8.decode(this.bytes.subarray(from, from + length));
    } catch {
      return this.fail('a text is not UTF-8');
    }
  }

  /** A byte string, as a view on the frame. */
  bin(): Uint8Array {
    const head = this.head();
    let length: number;
    if (head === 0xc4) length = this.uint(1);
    else if (head === 0xc5) length = this.uint(2);
    else if (head === 0xc6) length = this.uint(4);
    else {
      this.at -= 1;
      return this.fail('a byte string (bin) is expected');
    }
    const from = this.take(length);
    return this.bytes.subarray(from, from + length);
  }

  number(): number {
    const head = this.head();
    if (head <= 0x7f) return head;
    if (head >= 0xe0) return head - 256;
    switch (head) {
      case 0xca:
        return this.view.getFloat32(this.take(4));
      case 0xcb:
        return this.view.getFloat64(this.take(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.uint((1 << (head - 0xcc)) as 1 | 2 | 4);
      case 0xcf:
        return Number(this.view.getBigUint64(this.take(8)));
      case 0xd0:
        return this.view.getInt8(this.take(1));
      case 0xd1:
        return this.view.getInt16(this.take(2));
      case 0xd2:
        return this.view.getInt32(this.take(4));
      case 0xd3:
        return Number(this.view.getBigInt64(this.take(8)));
    }
    this.at -= 1;
    return this.fail('a number is expected');
  }
}
