/**
 * Names by ethnic group and sex. Family names of the Kinh follow their real frequency, given names
 * are common ones; a combination may by chance be somebody's name, but none was taken from anyone.
 */
import { type Random, type Weighted, chance, oneOf, weightedChoice } from './random.ts';

export type Sex = '0' | '1';

type Naming = {
  readonly family: (random: Random) => string;
  readonly middle: Readonly<Record<Sex, readonly string[]>>;
  readonly given: Readonly<Record<Sex, readonly string[]>>;
  /** Where the order or the words differ from `family middle given`. */
  readonly compose?: (parts: Parts) => string;
};

type Parts = {
  readonly family: string;
  readonly middle: string;
  readonly given: string;
  readonly sex: Sex;
};

const words = (text: string): readonly string[] => text.split(' ');
const listed = (text: string): readonly string[] => text.split(',').map((one) => one.trim());
const evenly = (names: readonly string[]) => (random: Random) => oneOf(random, names);

// per mille, after the common estimates for the whole country
const common: Weighted<string> = [
  ['Nguyễn', 360],
  ['Trần', 109],
  ['Lê', 95],
  ['Phạm', 71],
  ['Phan', 45],
  ['Đặng', 21],
  ['Bùi', 20],
  ['Đỗ', 14],
  ['Hồ', 13],
  ['Ngô', 13],
  ['Dương', 10],
  ['Đinh', 10],
  ['Lý', 5],
  ['Đào', 8],
  ['Đoàn', 8],
  ['Trịnh', 8],
  ['Trương', 12],
  ['Mai', 7],
  ['Lương', 6],
  ['Hà', 6],
  ['Cao', 6],
  ['Tạ', 4],
  ['Tô', 4],
  ['Lâm', 4],
  ['Thái', 3],
  ['Châu', 2],
  ['Nghiêm', 1],
  ['Quách', 1],
];
const north: Weighted<string> = [...common, ['Hoàng', 45], ['Vũ', 39], ['Võ', 2]];
const south: Weighted<string> = [...common, ['Huỳnh', 45], ['Võ', 39], ['Hoàng', 4]];
const kinhNorth = weightedChoice(north);
const kinhSouth = weightedChoice(south);

/** Family names of the Kinh with their weights; Hoàng and Vũ are Huỳnh and Võ in the South. */
export const kinhFamilies = (oldProvince: string): Weighted<string> =>
  isSouthern(oldProvince) ? south : north;

const kinhMiddle = {
  '1': words(
    'Văn Văn Văn Văn Hữu Đức Minh Quang Công Đình Xuân Ngọc Thanh Duy Quốc Anh Trung Mạnh',
  ),
  '0': words('Thị Thị Thị Thị Thị Thu Ngọc Thanh Minh Hồng Phương Kim Bích Thùy Mỹ Khánh Hoài'),
} as const;
const kinhGiven = {
  '1': words(
    'Hùng Dũng Tuấn Anh Minh Nam Hải Long Sơn Cường Thắng Hiếu Đạt Quân Trung Kiên Phúc Bình Hòa Tùng Việt Khánh Toàn Thành Tiến Quang Vinh Đức Lâm Phong Huy Khoa Thịnh Tài Lợi An Bảo Nghĩa Tâm Chiến',
  ),
  '0': words(
    'Hương Lan Hoa Hà Linh Trang Thảo Mai Hạnh Nga Hằng Thủy Dung Yến Nhung Loan Oanh Phượng Huệ Thúy Ngân Quỳnh Vân Hiền Liên Nguyệt Tuyết Thu Xuân Hồng Ánh Chi My Giang Anh Ngọc Bích Tâm Duyên Vy',
  ),
} as const;

const vanThi = { '1': ['Văn'], '0': ['Thị'] } as const;
const northern = (family: string): Naming => ({
  family: evenly(words(family)),
  middle: { '1': words('Văn Văn Đức Xuân Minh Quang'), '0': words('Thị Thị Thị Thu Hồng') },
  given: kinhGiven,
});

/** Family names of a group whose other names are those of its Kinh neighbours. */
const neighbours = (family: string): Naming => ({
  family: evenly(listed(family)),
  middle: { '1': words('Văn Văn Xuân Minh'), '0': words('Thị Thị Thị Thu') },
  given: kinhGiven,
});

/** No family name: `A` before a man's name and `Y` before a woman's (Xơ Đăng, Gié-Triêng). */
const marked = (men: string, women: string): Naming => ({
  family: evenly(['']),
  middle: { '1': ['A'], '0': ['Y'] },
  given: { '1': words(men), '0': words(women) },
});

/** `K'` before a man's name and `Ka` before a woman's (Cơ Ho, Mạ). */
const southernHighland: Naming = {
  family: evenly(['']),
  middle: { '1': [''], '0': [''] },
  given: {
    '1': words("K'Brếp K'Tiếu K'Bròi K'Thế K'Sơn K'Huy K'Đức K'Minh"),
    '0': listed('Ka Hờn, Ka Nhiên, Ka Thoa, Ka Liên, Ka Hương, Ka Duyên'),
  },
};

/** `Điểu` for men and `Thị` for women in place of a family name (Xtiêng, Chơ Ro). */
const southEastern: Naming = {
  family: evenly(['']),
  middle: { '1': ['Điểu'], '0': ['Thị'] },
  given: {
    '1': words('Hoàng Minh Sơn Khuê Ngọc Phúc Tài Bá Nhân Krăk'),
    '0': words('Lan Hồng Hiền Grôn Mai Ngọc Thu Liên Ên'),
  },
};

/** Given name before the family name, as the Ê Đê and Mnông write it: `Y Thanh Niê`, `H'Hen Niê`. */
const givenFirst = ({ family, given, sex }: Parts): string =>
  sex === '1' ? `Y ${given} ${family}` : `H'${given} ${family}`;

const tay = northern('Hoàng Nông Lý Ma Triệu Vi Hà Đàm Bế Chu Lương La Lâm Hứa');
const fallback: Naming = {
  family: evenly(words('Lò Lý Hoàng Đinh Hà Lương Hồ Tẩn Chảo Phùng')),
  middle: vanThi,
  given: kinhGiven,
};

const namingOf: ReadonlyMap<string, Naming> = new Map<string, Naming>([
  ['02', tay],
  [
    '03',
    {
      family: evenly(words('Lò Cà Quàng Lường Tòng Cầm Bạc Vì Lù Đèo Hà Vi Lộc Hoàng')),
      middle: vanThi,
      given: {
        '1': words('Pản Hặc Inh Thoan Xôm Dương Muôn Chiêng Phanh Hùng Tuấn Sơn Biên Hoan'),
        '0': words('Inh Pánh Dung Lả Hoa Xuân Ín Thoa Phương Hương Ban Ngoan Thương Yêu'),
      },
    },
  ],
  ['04', northern('Bùi Đinh Quách Hà Bạch Phạm Nguyễn Trương Cao Xa')],
  [
    '05',
    {
      family: evenly(words('Thạch Sơn Kim Lâm Danh Châu Kiên Lý Trần Tăng')),
      middle: { '1': [''], '0': ['', 'Thị'] },
      given: {
        '1': listed(
          'Sa Vươn, Đa Ra, Ra Tha, Sóc Kha, Chanh Đa, Hiền, Minh Tâm, Sa Rươne, Vuông, Sô Phiếp',
        ),
        '0': listed(
          'Sô Phia, Sa Rây, Chanh Tha, Phết, Mỹ Linh, Sô Khươne, Hồng Đào, Ry Na, Thia, Đa Ni',
        ),
      },
    },
  ],
  [
    '06',
    {
      family: evenly(words('Trần Lâm Quách Lý Huỳnh Tăng Vương Thái Mã Châu Lưu Ngô')),
      middle: { '1': words('Chí Vĩ Gia Kiến Quốc Tuấn'), '0': words('Mỹ Tuyết Lệ Bảo Tú Thục') },
      given: {
        '1': words('Hùng Cường Minh Hào Kiệt Phát Lợi Quyền Vinh Thông'),
        '0': words('Linh Phụng Trân Nghi Dung Quyên Ngọc Anh Hoa Liên'),
      },
    },
  ],
  ['07', northern('Nông Lương Hoàng Vi Lục Chu Đàm Long Triệu Hứa')],
  [
    '08',
    {
      family: evenly(words('Giàng Vàng Sùng Mùa Thào Hờ Lầu Lý Cứ Tráng Hạng Vừ Ly Sồng')),
      middle: { '1': ['A'], '0': ['Thị'] },
      given: {
        '1': words('Páo Dơ Chống Sáy Tủa Chư Lử Sình Dế Vảng Pó Súa Tếnh Chu'),
        '0': words('Mỷ Dợ Chá Sua Máy Dua Pàng Ca Sáo Xúa Mai Chi Vá Dinh'),
      },
    },
  ],
  ['09', northern('Triệu Bàn Phàn Chảo Đặng Lý Tẩn Phùng')],
  [
    '10',
    {
      family: evenly(listed('Rơ Châm, Ksor, Siu, Rmah, Rah Lan, Kpă, Nay, Rcom')),
      middle: { '1': [''], '0': [''] },
      given: {
        '1': words('Blin Hyơi Thăm Tơm Khuin Biên Nam Bluch Sunh Phước'),
        '0': words("H'Bia H'Liên H'Nga H'Tuyết H'Yen H'Lan H'Mrao H'Diệu"),
      },
    },
  ],
  [
    '11',
    {
      family: evenly(words('Niê Mlô Kbuôr Byă Êban Ayŭn Hmŏk Kđoh Êñuôl')),
      middle: { '1': [''], '0': [''] },
      given: {
        '1': words('Thanh Wăn Djŭ Bhiông Thoan Hăn Săn Khăm'),
        '0': words('Hen Nuôn Lan Ngọc Bliăk Juin Yao Mai'),
      },
      compose: givenFirst,
    },
  ],
  [
    '12',
    {
      family: evenly(['Đinh']),
      middle: { '1': [''], '0': ['Thị', ''] },
      given: {
        '1': words('Hmưnh Thuk Khuên Plih Byưk Yơm Hmrik Văn'),
        '0': words('Bích Hlanh Ngơi Hương Byen Mlơn Yến Lan'),
      },
    },
  ],
  [
    '14',
    {
      family: evenly(words('Bá Đàng Hứa Lưu Hán Trượng Quảng Thành Não Châu')),
      middle: { '1': words('Văn Ngọc Minh'), '0': words('Thị Thị Mỹ') },
      given: kinhGiven,
    },
  ],
  ['13', neighbours('Trần, Hoàng, Ninh, Lục, Lâm, Trương, Nịnh')],
  ['15', southernHighland],
  ['16', marked('Nghĩa Thái Hùng Dũng Tuấn Vương Biên Khâm', 'Lan Hương Thủy Nhung Đào Hiền Bích')],
  ['17', neighbours('Lưu, Tạ, Trần, Từ, Diệp, Lý, Lê')],
  ['18', neighbours('Phạm, Đinh')],
  ['19', neighbours('Cao, Mấu, Bo Bo, Chamaléa, Katơr, Pi Năng, Tro')],
  ['21', neighbours('Trương, Lê, Cao, Lang, Nguyễn')],
  ['22', southEastern],
  ['23', neighbours('Lường, Moong, Cụt, Lò, Quàng, Ven')],
  ['24', neighbours('Hồ')],
  ['25', neighbours('Alăng, Bríu, Bhling, Zơrâm, Pơloong, Arất, Coor')],
  ['26', neighbours('Lục, Lù, Vàng, Nông, Hoàng, Sần')],
  ['27', neighbours('Hồ, Viên, Lê')],
  ['28', southernHighland],
  ['29', marked('Phương Lực Sơn Thanh Hiếu Ngọc', 'Thanh Sen Ngọc Hạnh Lý Phương')],
  ['30', neighbours('Hồ')],
  ['31', southEastern],
  ['32', neighbours('Vì, Lò, Hoàng')],
  ['33', neighbours('Chu, Pờ, Sừng, Khoàng, Lý, Phùng')],
  ['35', neighbours('Lò, Lường, Quàng, Vì')],
  [
    '20',
    {
      family: evenly(listed('Bkrông, Ndu, Rlưk, Liêng, Dak Cat, Triêk')),
      middle: { '1': [''], '0': [''] },
      given: { '1': words('Bing Thu Khôn Mai Sơn Đức'), '0': words('Kim Bêch Rina Lan Mai Đào') },
      compose: givenFirst,
    },
  ],
]);

const inOrder = ({ family, middle, given }: Parts): string =>
  [family, middle, given].filter((part) => part !== '').join(' ');

/** Provinces from Đà Nẵng southwards have codes from 48. */
const isSouthern = (oldProvince: string): boolean => oldProvince >= '48';

/** A family name of that ethnic group (DAN_TOC) and old province; empty where people bear none. */
export function familyName(
  random: Random,
  from: { readonly ethnicGroup: string; readonly oldProvince: string },
): string {
  if (from.ethnicGroup === '01') {
    return (isSouthern(from.oldProvince) ? kinhSouth : kinhNorth)(random);
  }
  return (namingOf.get(from.ethnicGroup) ?? fallback).family(random).normalize('NFC');
}

/** A full name in NFC for someone of that sex, ethnic group (DAN_TOC) and family name. */
export function fullName(
  random: Random,
  person: { readonly sex: Sex; readonly ethnicGroup: string; readonly family: string },
): string {
  const { sex, ethnicGroup, family } = person;
  if (ethnicGroup === '01') {
    const given = oneOf(random, kinhGiven[sex]);
    const middle = oneOf(random, kinhMiddle[sex]);
    const extra = chance(random, 0.12) ? oneOf(random, kinhGiven[sex]) : '';
    return [family, middle, ...(extra === '' || extra === given ? [] : [extra]), given].join(' ');
  }
  const naming = namingOf.get(ethnicGroup) ?? fallback;
  const parts = {
    family,
    middle: oneOf(random, naming.middle[sex]),
    given: oneOf(random, naming.given[sex]),
    sex,
  };
  return (naming.compose ?? inOrder)(parts).normalize('NFC');
}
