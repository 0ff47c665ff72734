// Writes MessagePack piece by piece into one buffer that is used again for every message.

const roomAtFirst = 64 * 1024;

/** The shortest form of each value, as the specification wants it. */
export class MsgpackWriter {
  private bytes = Buffer.allocUnsafe(roomAtFirst);
  private at = 0;

  /** Begins a message; also after one that was not finished. */
  clear(): void {
    this.at = 0;
  }

  map(size: number): void {
    this.sized(size, 0x80, 0x0f, 0xde);
  }

  array(size: number): void {
    this.sized(size, 0x90, 0x0f, 0xdc);
  }

  text(text: string): void {
    this.need(5 + text.length * 3); // UTF-8 takes at most so much of a UTF-16 unit
    if (text.length < 11) {
      // Fits the short form whatever its characters are: its length stands in the first byte.
      const length = this.bytes.write(text, this.at + 1);
      this.bytes[this.at] = 0xa0 | length;
      this.at += 1 + length;
      return;
    }
    const length = Buffer.byteLength(text);
    if (length < 32) this.bytes[this.at++] = 0xa0 | length;
    else this.length(length, 0xd9);
    this.at += this.bytes.write(text, this.at);
  }

  /** A whole number from 0. */
  uint(value: number): void {
    this.need(5);
    if (value < 0x80) this.bytes[this.at++] = value;
    else if (value < 2 ** 32) this.length(value, 0xcc);
    else this.double(value); // exact up to 2^53
  }

  double(value: number): void {
    this.need(9);
    this.bytes[this.at] = 0xcb;
    this.at = this.bytes.writeDoubleBE(value, this.at + 1);
  }

  nil(): void {
    this.need(1);
    this.bytes[this.at++] = 0xc0;
  }

  bin(bytes: Uint8Array): void {
    this.need(5);
    this.length(bytes.length, 0xc4);
    this.raw(bytes);
  }

  /** What has been written before, by `since`. */
  raw(bytes: Uint8Array): void {
    this.need(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  get position(): number {
    return this.at;
  }

  /** All of it, until the next is begun. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** A copy of what was written from there on. */
  since(position: number): Uint8Array {
    return Buffer.from(this.bytes.subarray(position, this.at));
  }

  /** Maps and arrays: few entries stand in the head. */
  private sized(size: number, head: number, sizeMax: number, wide: number): void {
    this.need(5);
    if (size <= sizeMax) this.bytes[this.at++] = head | size;
    else if (size < 0x10000) {
      this.bytes[this.at] = wide;
      this.at = this.bytes.writeUInt16BE(size, this.at + 1);
    } else {
      this.bytes[this.at] = wide + 1;
      this.at = this.bytes.writeUInt32BE(size, this.at + 1);
    }
  }

  /** Texts, bytes and numbers: heads for 8, 16 and 32 bits follow each other. */
  private length(value: number, head: number): void {
    if (value < 0x100) {
      this.bytes[this.at] = head;
      this.bytes[this.at + 1] = value;
      this.at += 2;
    } else if (value < 0x10000) {
      this.bytes[this.at] = head + 1;
      this.at = this.bytes.writeUInt16BE(value, this.at + 1);
    } else {
      this.bytes[this.at] = head + 2;
      this.at = this.bytes.writeUInt32BE(value, this.at + 1);
    }
  }

  private need(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.at + bytes, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}
