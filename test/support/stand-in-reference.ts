/**
 * A stand-in for a reference source, for tests and the demo: a real HTTP server that answers from a
 * table, in the form of the population database or of the other two, and misbehaves when told. It is
 * no part of the product; nothing here is what those databases really say.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the source has of a person: fields by path as the hub names them, or that it does not tell. */
export type StandInPerson = Readonly<Record<string, string>> | 'withheld';

export type StandInFault =
  /** Asks for patience. */
  | { readonly kind: 'busy'; readonly retryAfterS: number }
  | { readonly kind: 'status'; readonly status: number }
  /** This body in place of the answer. */
  | { readonly kind: 'body'; readonly body: string }
  /** The connection ends in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** Nothing is ever said. */
  | { readonly kind: 'silent' };

export type StandIn = AsyncDisposable & {
  readonly url: string;
  /** By PIN. */
  readonly people: Map<string, StandInPerson>;
  /** Each is used for one call. */
  readonly faults: StandInFault[];
  /** The PINs of each call that was answered, and when it came. */
  readonly calls: { readonly pins: readonly string[]; readonly atMs: number }[];
  /** What the callers showed as their key. */
  readonly keys: string[];
  /** Called with the PINs before they are answered. */
  onCall: ((pins: readonly string[]) => Promise<void>) | undefined;
};

const asOf = '2026-11-20';

export async function openStandIn(form: 'population' | 'plain'): Promise<StandIn> {
  const people = new Map<string, StandInPerson>();
  const faults: StandInFault[] = [];
  const calls: { pins: readonly string[]; atMs: number }[] = [];
  const keys: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    keys.push(request.headers.authorization ?? '');
    const pins = body.match(/\d{12}/gu) ?? [];
    const fault = faults.shift();
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'busy') {
      response.writeHead(429, { 'retry-after': String(fault.retryAfterS) }).end();
      return;
    }
    if (fault?.kind === 'status') {
      response.writeHead(fault.status).end();
      return;
    }
    await standIn.onCall?.(pins);
    const told = form === 'population' ? citizens(pins, people) : plain(pins, people);
    const text = fault?.kind === 'body' ? fault.body : told;
    if (fault?.kind === 'cut') {
      response.writeHead(200, { 'content-length': String(Buffer.byteLength(text)) });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    if (fault === undefined) calls.push({ pins, atMs: performance.now() });
    response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const standIn: StandIn = {
    url: `http://127.0.0.1:${port}/`,
    people,
    faults,
    calls,
    keys,
    onCall: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return standIn;
}

type People = ReadonlyMap<string, StandInPerson>;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const tag = (name: string, content: string): string => `<${name}>${content}</${name}>`;

/** As QCVN 109:2017 names the elements. */
export function citizens(pins: readonly string[], people: People): string {
  const known = pins.filter((pin) => people.has(pin));
  const found = known.filter((pin) => people.get(pin) !== 'withheld');
  const rows = known.map((pin) => {
    const one = people.get(pin) ?? 'withheld';
    return one === 'withheld'
      ? tag('TuChoi', tag('SoDinhDanh', pin))
      : citizen(pin, (path) => escaped(one[path] ?? ''));
  });
  return (
    `<?xml version="1.0" encoding="UTF-8"?><DanhSachCongDan xmlns="http://www.mic.gov.vn/dancu/1.0" ` +
    `ThoiDiemDuLieu="${asOf}T07:00:00" SoCongDan="${found.length}">${rows.join('')}</DanhSachCongDan>`
  );
}

function citizen(pin: string, value: (path: string) => string): string {
  const [family = '', ...rest] = value('identity.full_name').split(' ');
  const place = (name: string, path: string): string =>
    value(path) === ''
      ? ''
      : tag(name, tag('MaDonViHanhChinh', value(path)) + tag('QuocGia', 'VN'));
  return tag(
    'CongDan',
    tag('SoDinhDanh', pin) +
      tag(
        'HoVaTen',
        tag('Ho', family) +
          tag('ChuDem', rest.slice(0, -1).join(' ')) +
          tag('Ten', rest.at(-1) ?? ''),
      ) +
      tag('GioiTinh', value('identity.sex')) +
      tag('DanToc', value('identity.ethnic_group')) +
      tag('TonGiao', '99') +
      tag('NgayThangNamSinh', value('identity.birth_date').replaceAll('-', '')) +
      place('NoiDangKyKhaiSinh', 'identity.birth_place_code') +
      place('QueQuan', 'identity.home_town_code'),
  );
}

function plain(pins: readonly string[], people: People): string {
  return JSON.stringify({
    asOf,
    people: pins.map((pin) => {
      const one = people.get(pin);
      if (one === undefined) return { pin, found: false };
      return one === 'withheld' ? { pin, withheld: true } : { pin, found: true, fields: one };
    }),
  });
}
