/**
 * Ethnic groups among public employees by old province. Orders of magnitude after the census of
 * 2019, with the Kinh somewhat more frequent than in the population at large; no official figure.
 */
import { type Random, type Weighted, weightedChoice } from './random.ts';

const lowland: Weighted<string> = [
  ['01', 968],
  ['02', 7],
  ['04', 7],
  ['03', 5],
  ['07', 4],
  ['06', 5],
  ['05', 2],
  ['13', 1],
  ['21', 1],
];

type Region = { readonly provinces: readonly string[]; readonly mix: Weighted<string> };

const regions: readonly Region[] = [
  {
    provinces: ['11', '12', '14'],
    mix: [
      ['01', 40],
      ['03', 36],
      ['08', 11],
      ['04', 5],
      ['09', 2],
      ['23', 2],
      ['35', 1],
      ['33', 1],
      ['32', 1],
      ['02', 1],
    ],
  },
  {
    provinces: ['02', '04', '06', '08', '20'],
    mix: [
      ['02', 42],
      ['01', 30],
      ['07', 15],
      ['09', 6],
      ['08', 5],
      ['13', 1],
      ['26', 1],
    ],
  },
  {
    provinces: ['10', '15'],
    mix: [
      ['01', 58],
      ['02', 16],
      ['08', 8],
      ['09', 7],
      ['03', 5],
      ['26', 3],
      ['07', 2],
      ['04', 1],
    ],
  },
  {
    provinces: ['17'],
    mix: [
      ['04', 56],
      ['01', 36],
      ['03', 4],
      ['02', 2],
      ['09', 2],
    ],
  },
  {
    provinces: ['25', '38', '40'],
    mix: [
      ['01', 86],
      ['04', 7],
      ['03', 6],
      ['21', 1],
    ],
  },
  {
    provinces: ['19', '24', '22'],
    mix: [
      ['01', 80],
      ['02', 9],
      ['07', 6],
      ['17', 2],
      ['09', 2],
      ['13', 1],
    ],
  },
  {
    provinces: ['44', '45', '49', '51'],
    mix: [
      ['01', 93],
      ['24', 2],
      ['18', 2],
      ['25', 1],
      ['30', 1],
      ['27', 1],
    ],
  },
  {
    provinces: ['62', '64', '66', '67', '68', '70'],
    mix: [
      ['01', 74],
      ['10', 5],
      ['11', 5],
      ['12', 3],
      ['15', 3],
      ['20', 2],
      ['16', 2],
      ['02', 2],
      ['07', 2],
      ['22', 1],
      ['28', 1],
    ],
  },
  {
    provinces: ['58', '60'],
    mix: [
      ['01', 85],
      ['14', 10],
      ['19', 4],
      ['06', 1],
    ],
  },
  {
    provinces: ['84', '94'],
    mix: [
      ['01', 74],
      ['05', 23],
      ['06', 3],
    ],
  },
  {
    provinces: ['89', '91', '92', '93', '95', '96'],
    mix: [
      ['01', 91],
      ['05', 6],
      ['06', 2],
      ['14', 1],
    ],
  },
  {
    provinces: ['79'],
    mix: [
      ['01', 95],
      ['06', 4],
      ['05', 1],
    ],
  },
];

const mixByProvince = new Map(
  regions.flatMap(({ provinces, mix }) => provinces.map((code) => [code, mix] as const)),
);

/** Codes (DAN_TOC) with their weights among those born in that old province. */
export const ethnicMixOf = (oldProvince: string): Weighted<string> =>
  mixByProvince.get(oldProvince) ?? lowland;

const choices = new Map(
  [lowland, ...regions.map((region) => region.mix)].map((mix) => [mix, weightedChoice(mix)]),
);

/** The code (DAN_TOC) of the ethnic group of someone born in that old province. */
export function ethnicGroupOf(random: Random, oldProvince: string): string {
  const mix = ethnicMixOf(oldProvince);
  return (choices.get(mix) ?? weightedChoice(mix))(random);
}
