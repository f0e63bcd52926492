import type { Random } from './random.ts';

export type Name = { shown: string; given: string; latin: string };

/** A person's name in its own letters, and in Latin ones for an e-mail address. */
export const aName = (random: Random): Name => {
  const { given, family, between, isFamilyFirst } = random.pickWeighted(GROUPS);
  const [first, firstLatin] = parts(random.pick(given));
  const [last, lastLatin] = parts(random.pick(family));
  const shown = isFamilyFirst ? `${last}${between}${first}` : `${first}${between}${last}`;
  return { shown, given: first, latin: `${latinOf(firstLatin)}.${latinOf(lastLatin)}` };
};

/** Companies with several vehicles. */
export const FLEETS: readonly string[] = [
  'Silver Lake Florals LLC',
  'Angelus Plumbing & Drain',
  'Tres Hermanos Catering',
  'Pacific Coast Couriers',
  'Mission Linen Delivery',
  'Sunset Pool Service',
  'Golden State Locksmiths',
  'Figueroa Print Works',
  'Harbor Freight Forwarding',
  "O'Malley & Daughters Electric",
  'Crenshaw Community Transit',
  'Bright Path Home Care',
  'Valley Pest Control',
  'Koreatown Produce 한아름',
  'Arroyo Seco Landscaping',
  'Westside Pet Taxi',
];

type Group = { given: string[]; family: string[]; between: string; isFamilyFirst: boolean };

const group = (given: string, family: string, form: Partial<Group> = {}): Group => ({
  given: given.split(' '),
  family: family.split(' '),
  between: ' ',
  isFamilyFirst: false,
  ...form,
});

/** `손:son` is shown as the first and mailed as the second; a name in Latin letters needs only one. */
const parts = (entry: string): [string, string] => {
  const [shown = '', latin = shown] = entry.split(':');
  const spaced = shown.replaceAll('_', ' ');
  return [spaced, latin];
};

const latinOf = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/ø/g, 'o')
    .replace(/ł/g, 'l')
    .replace(/ß/g, 'ss')
    .replace(/[^a-z]/g, '');

const FAMILY_FIRST = { between: '', isFamilyFirst: true };

// Roughly who lives in Los Angeles.
const GROUPS: readonly (readonly [Group, number])[] = [
  [
    group(
      'María José Luis Guadalupe Sofía Jesús Ana Carlos Lucía Miguel Ximena Juan_Pablo Rosa Ángel Elena Raúl Verónica Andrés Paola Óscar',
      'García Hernández Martínez López González Rodríguez Pérez Sánchez Ramírez Flores Gómez de_la_Cruz Núñez Castañeda Ibáñez Peña Ruiz-Ortega Vásquez Solís Zúñiga',
    ),
    40,
  ],
  [
    group(
      'James Emily Robert Hannah Michael Grace Daniel Olivia Thomas Claire Andrew Madison Patrick Siobhán Seán Nora Kyle Abigail Max Ruth',
      "Smith Johnson Williams O'Brien Miller Davis Wilson Anderson Taylor MacLeod Fitzgerald Nguyen-Hill Cohen Lewis Walker Hall Müller Strauß Kowalski D'Angelo",
    ),
    26,
  ],
  [
    group(
      'Malik Keisha Jamal Imani Darnell Aaliyah Terrence Monique Andre Latoya Xavier Ebony Marcus Nia Isaiah Zora',
      'Washington Jefferson Robinson Jackson Harris Freeman Booker Coleman Brooks Banks Okafor Adeyemi Mensah Diallo',
    ),
    9,
  ],
  [
    group(
      'Minjun Seoyeon Jiho Hana Daniel Grace Eunji Sung-min Yuna Joon',
      'Kim Lee Park Choi Jung Kang Cho Yoon Lim Han',
    ),
    4,
  ],
  [
    group(
      '민준:minjun 서연:seoyeon 지호:jiho 하은:haeun 도윤:doyun 은지:eunji 현우:hyunwoo 유나:yuna',
      '김:kim 이:lee 박:park 최:choi 정:jung 강:kang 조:cho 윤:yoon',
      FAMILY_FIRST,
    ),
    3,
  ],
  [
    group(
      '偉:wei 芳:fang 秀英:xiuying 敏:min 靜怡:jingyi 子軒:zixuan 浩然:haoran 美玲:meiling',
      '王:wang 李:li 張:zhang 劉:liu 陳:chen 楊:yang 黃:huang 吳:wu',
      FAMILY_FIRST,
    ),
    4,
  ],
  [
    group(
      '蓮:ren 陽葵:himari 湊:minato 結衣:yui 健太:kenta さくら:sakura',
      '佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 渡辺:watanabe 山本:yamamoto',
      { between: ' ', isFamilyFirst: true },
    ),
    2,
  ],
  [
    group(
      'Արամ:aram Անի:ani Տիգրան:tigran Նարե:nare Դավիթ:davit Մարիամ:mariam',
      'Պետրոսյան:petrosyan Հակոբյան:hakobyan Սարգսյան:sargsyan Գրիգորյան:grigoryan',
    ),
    3,
  ],
  [
    group(
      'دارا:dara لیلا:leila آرش:arash شیرین:shirin کیان:kian نسرین:nasrin',
      'احمدی:ahmadi رضایی:rezaei کریمی:karimi حسینی:hosseini',
    ),
    3,
  ],
  [
    group(
      'Maricel Jun-Jun Althea Rodel Bea Paolo Marisol Jericho',
      'Santos Reyes Cruz Bautista Ocampo del_Rosario Villanueva Dimaculangan',
    ),
    4,
  ],
  [
    group('Minh Linh Đức Thảo Hương Tuấn Ngọc Phúc', 'Nguyễn Trần Lê Phạm Huỳnh Võ', { isFamilyFirst: true }),
    3,
  ],
  [
    group(
      'Олена:olena Дмитро:dmytro Анна:anna Михаил:mikhail Наталья:natalya Иван:ivan',
      'Коваленко:kovalenko Шевченко:shevchenko Соколов:sokolov Бондаренко:bondarenko',
    ),
    2,
  ],
  [group('สมชาย:somchai มาลี:malee ณัฐ:nat อรุณี:arunee', 'ใจดี:jaidee สุขสันต์:suksan วงศ์ไทย:wongthai'), 1],
  [group('ሰላም:selam ዳዊት:dawit ሃና:hana በረከት:bereket', 'ተስፋዬ:tesfaye ገብሬ:gebre ኃይሉ:hailu'), 1],
  [group('आरव:aarav प्रिया:priya रोहन:rohan दीपिका:deepika', 'शर्मा:sharma पटेल:patel सिंह:singh गुप्ता:gupta'), 1],
];
