/** Text typed for a TCVN3 font (ABC, .VnTime), as it looks where the font is missing. */

/** The letters of TCVN 5712:1993 (VN3) from 0xa1 on; a point where the table has none. */
const letters =
  'ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ';
const western = new TextDecoder('windows-1252');
const shown = new Map(
  Array.from(letters, (letter, i) => [letter, western.decode(Uint8Array.of(0xa1 + i))] as const),
);

/** Undefined where the text has a letter that such a font has not. */
export function shownFromTcvn3(text: string): string | undefined {
  const written = Array.from(text.normalize('NFC'), (letter) =>
    /[ -~]/u.test(letter) ? letter : shown.get(letter),
  );
  return written.includes(undefined) ? undefined : written.join('');
}
