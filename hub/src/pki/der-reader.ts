// Splits DER into its elements without interpreting them, keeping the received bytes.
//
// What arrives from a machine that is not enrolled yet is read with this, so that the signature is
// checked over the bytes that came, and no general ASN.1 parser meets a stranger's input. It does
// not recurse. Refused: multi-byte tags, indefinite or non-minimal lengths, trailing bytes.

export type DerElement = {
  readonly tag: number;
  /** Tag, length and content as received. */
  readonly raw: Buffer;
  readonly content: Buffer;
};

/** The elements that fill the bytes exactly, in order; `undefined` if they do not. */
export function readDerElements(bytes: Buffer): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const element = readFirst(rest);
    if (element === undefined) return undefined;
    elements.push(element);
    rest = rest.subarray(element.raw.length);
  }
  return elements;
}

function readFirst(bytes: Buffer): DerElement | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = 2 + lengthBytes;
  // Two length bytes reach 65,535: more than any signing request that is looked at.
  if (lengthBytes > 2 || first === 0x80 || bytes.length < start) return undefined;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const isMinimal = lengthBytes === 0 || length >= (lengthBytes === 1 ? 0x80 : 0x1_00);
  if (!isMinimal || bytes.length < start + length) return undefined;
  return {
    tag,
    raw: bytes.subarray(0, start + length),
    content: bytes.subarray(start, start + length),
  };
}
