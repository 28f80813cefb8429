// A ZIP archive whose files are stored as they are: PNG is packed already. PKWARE's APPNOTE 6.3, sections 4.3.7 to 4.3.16.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

export function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 255];
  return ~crc >>> 0;
}

/** [[name, bytes], ...] in order -> bytes. Names are plain ASCII. */
export function archive(files) {
  const [parts, entries] = [[], []];
  let offset = 0;
  for (const [name, bytes] of files) {
    const title = new TextEncoder().encode(name);
    // version 2.0, no flags, stored, no time, 1 January 1980
    const common = [[2, 20], [2, 0], [2, 0], [2, 0], [2, 33], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, title.length], [2, 0]];
    parts.push(record([[4, 0x04034b50], ...common]), title, bytes);
    entries.push(record([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), title);
    offset += 30 + title.length + bytes.length;
  }
  const size = entries.reduce((sum, part) => sum + part.length, 0);
  const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]]);
  return concatenated([...parts, ...entries, end]);
}

/** [[bytes, number], ...] -> little-endian. */
function record(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

function concatenated(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
