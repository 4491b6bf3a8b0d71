/**
 * The citizen message of QCVN 109:2017/BTTTT (namespace `http://www.mic.gov.vn/dancu/1.0`), as far as
 * it is compared: who was asked for goes out as a list of numbers, `DanhSachCongDan` comes back. Read
 * strictly: well-formed, no document type and so no entities of its own, bounded in depth and number,
 * the number of people that it states. What is not known of the standard's service stands in `query`
 * and `TuChoi` (a person of whom nothing is told), which are ours.
 */
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import { isPartialDate, parseVietnameseDate } from '@lienthong/shared-schema/text/partial-date.ts';
import { SaxesParser } from 'saxes';

import type { ReferenceAnswer } from '../protocol/compare-reference.ts';
import { type Answers, MessageError, type ReferenceMessage } from './reference-message.ts';

const namespace = 'http://www.mic.gov.vn/dancu/1.0';
const depthMax = 12;
/** Of all elements of an answer: a citizen has some hundred. */
const elementsMax = 100_000;

export const citizenMessage: ReferenceMessage = {
  contentType: 'application/xml',
  query: (pins) =>
    `<?xml version="1.0" encoding="UTF-8"?><YeuCauCongDan xmlns="${namespace}">${pins
      .map((pin) => `<SoDinhDanh>${pin}</SoDinhDanh>`)
      .join('')}</YeuCauCongDan>`,
  read: (text) => answersOf(readElements(text)),
};

/** An element as far as it is looked at: name without prefix, text, children in order. */
type Element = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
  text: string;
};

const element = (name: string, attributes: ReadonlyMap<string, string>): Element => ({
  name,
  attributes,
  children: [],
  text: '',
});

function readElements(text: string): Element {
  const parser = new SaxesParser({ xmlns: true });
  const top = element('', new Map());
  const open = [top];
  let count = 0;
  const inner = (): Element => open.at(-1) ?? top;
  parser.on('error', (cause) => {
    throw new MessageError('it is no well-formed XML', { cause });
  });
  parser.on('doctype', () => {
    throw new MessageError('it declares a document type');
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    count += 1;
    if (count > elementsMax || open.length > depthMax) {
      throw new MessageError('it has too many elements');
    }
    if (uri !== namespace) throw new MessageError('it is of another namespace');
    const told = Object.values(attributes).map((one): [string, string] => [one.local, one.value]);
    const child = element(local, new Map(told));
    inner().children.push(child);
    open.push(child);
  });
  parser.on('closetag', () => void open.pop());
  const addText = (piece: string): void => {
    inner().text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(text).close();
  return top;
}

function answersOf(top: Element): Answers {
  const list = only(top, 'DanhSachCongDan');
  if (list === undefined) throw new MessageError('it has no list of citizens');
  const asOf = parseVietnameseDate((list.attributes.get('ThoiDiemDuLieu') ?? '').slice(0, 10));
  if (asOf?.length !== 10) throw new MessageError('it does not say of which day it is');
  const citizens = list.children.filter(({ name }) => name === 'CongDan');
  const withheld = list.children.filter(({ name }) => name === 'TuChoi');
  if (list.attributes.get('SoCongDan') !== String(citizens.length)) {
    throw new MessageError('it has another number of citizens than it states');
  }
  const answers = new Map<string, ReferenceAnswer>();
  const add = (pin: string, answer: Omit<ReferenceAnswer, 'asOf'>): void => {
    if (answers.has(pin)) throw new MessageError('it has a citizen twice');
    answers.set(pin, { ...answer, asOf });
  };
  for (const one of withheld) add(textOf(one, 'SoDinhDanh'), { kind: 'withheld', fields: {} });
  for (const one of citizens) {
    add(textOf(one, 'SoDinhDanh'), { kind: 'found', fields: fieldsOf(one) });
  }
  return { answers, asOf };
}

function fieldsOf(citizen: Element): Readonly<Record<string, string>> {
  const name = only(citizen, 'HoVaTen');
  const parts = ['Ho', 'ChuDem', 'Ten'].map((part) =>
    name === undefined ? '' : textOf(name, part),
  );
  const told = {
    'identity.full_name': tidyText(parts.join(' ')),
    'identity.birth_date': dateOf(textOf(citizen, 'NgayThangNamSinh')),
    'identity.sex': textOf(citizen, 'GioiTinh'),
    'identity.ethnic_group': textOf(citizen, 'DanToc'),
    'identity.birth_place_code': placeOf(citizen, 'NoiDangKyKhaiSinh'),
    'identity.home_town_code': placeOf(citizen, 'QueQuan'),
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== ''));
}

function only(parent: Element, name: string): Element | undefined {
  const [first, ...more] = parent.children.filter((child) => child.name === name);
  if (more.length > 0) throw new MessageError(`it has ${name} twice`);
  return first;
}

function textOf(parent: Element, name: string): string {
  const found = only(parent, name);
  return found === undefined ? '' : tidyText(found.text);
}

function placeOf(citizen: Element, name: string): string {
  const place = only(citizen, name);
  return place === undefined ? '' : textOf(place, 'MaDonViHanhChinh');
}

/** `19800512`, `1980-05-12` or `12/05/1980`; of older people often only the year. What is none stays. */
function dateOf(text: string): string {
  const digits = /^(?<year>\d{4})(?<month>\d{2})?(?<day>\d{2})?$/u.exec(text)?.groups;
  const { year, month, day } = digits ?? {};
  const joined = [year, month, day].filter((part) => part !== undefined && part !== '00').join('-');
  if (isPartialDate(joined)) return joined;
  return parseVietnameseDate(text) ?? text;
}
