/**
 * The letters of a text (`si`, `is`), whether it is one piece or many formatted ones. A reading of the
 * signs (`rPh`) is no part of it.
 */
export type TextRuns = {
  readonly open: (name: string) => void;
  readonly close: (name: string) => void;
  readonly add: (piece: string) => void;
  /** The text so far; the next one begins empty. */
  readonly take: () => string;
};

export function newTextRuns(): TextRuns {
  let text = '';
  let isText = false;
  let isReading = false;
  return {
    open(name) {
      if (name === 'rPh') isReading = true;
      else if (name === 't') isText = !isReading;
    },
    close(name) {
      if (name === 'rPh') isReading = false;
      else if (name === 't') isText = false;
    },
    add(piece) {
      if (isText) text += piece;
    },
    take() {
      const taken = text;
      text = '';
      return taken;
    },
  };
}
