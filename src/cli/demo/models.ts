export type Power = 'petrol' | 'hybrid' | 'electric';

export type Model = {
  make: string;
  name: string;
  power: Power;
  /** World manufacturer identifier, the VIN's first three characters (ISO 3780). */
  maker: string;
  firstYear: number;
  lastYear: number;
  trims: string[];
};

const model = (line: string): Model => {
  const [make = '', name = '', maker = '', years = '', trims = '', power = 'petrol'] = line.split('|');
  const [firstYear = 2000, lastYear = 2026] = years.split('-').map(Number);
  const known = power === 'hybrid' || power === 'electric' ? power : 'petrol';
  return { make, name, maker, firstYear, lastYear, trims: trims.split(','), power: known };
};

/** What is driven in Los Angeles, the common ones first. */
export const MODELS: readonly Model[] = [
  'Toyota|Camry|4T1|2002-2024|LE,SE,XLE,XSE',
  'Honda|Civic|2HG|2001-2025|LX,EX,Sport,Touring',
  'Toyota|Corolla|2T1|2003-2025|L,LE,SE,XSE',
  'Honda|Accord|1HG|2003-2025|LX,EX-L,Sport,Touring',
  'Toyota|Prius|JTD|2004-2025|Two,Three,LE,XLE,Limited|hybrid',
  'Toyota|Tacoma|3TM|2005-2025|SR,SR5,TRD Sport,TRD Off-Road',
  'Toyota|RAV4|2T3|2006-2025|LE,XLE,Adventure',
  'Toyota|RAV4 Hybrid|4T3|2016-2025|XLE,XSE,Limited|hybrid',
  'Honda|CR-V|5J6|2002-2025|LX,EX,EX-L,Touring',
  'Ford|F-150|1FT|2004-2025|XL,XLT,Lariat,Platinum',
  'Tesla|Model 3|5YJ|2018-2024|Standard Range,Long Range,Performance|electric',
  'Tesla|Model Y|7SA|2021-2025|Long Range,Performance|electric',
  'Chevrolet|Silverado 1500|1GC|2007-2025|WT,LT,RST,High Country',
  'Nissan|Altima|1N4|2007-2024|S,SV,SR,SL',
  'Nissan|Sentra|3N1|2007-2025|S,SV,SR',
  'Nissan|Rogue|JN8|2008-2024|S,SV,SL',
  'Nissan|Leaf|1N4|2012-2024|S,SV,SL Plus|electric',
  'Hyundai|Elantra|5NP|2009-2025|SE,SEL,Limited',
  'Hyundai|Tucson|KM8|2010-2025|SE,SEL,Limited',
  'Hyundai|Ioniq 5|KM8|2022-2025|SE,SEL,Limited|electric',
  'Kia|Soul|KND|2010-2024|LX,S,EX',
  'Kia|Optima|5XX|2011-2020|LX,EX,SX',
  'Kia|Niro|KND|2017-2025|LX,EX,SX Touring|hybrid',
  'Mazda|CX-5|JM3|2013-2025|Sport,Touring,Grand Touring',
  'Mazda|Mazda3|3MZ|2010-2024|i Sport,s Touring,Select',
  'Subaru|Outback|4S4|2005-2025|Base,Premium,Limited',
  'Subaru|Crosstrek|JF2|2013-2024|Base,Premium,Limited',
  'Volkswagen|Jetta|3VW|2006-2024|S,SE,SEL,GLI',
  'Volkswagen|Golf GTI|3VW|2007-2024|S,SE,Autobahn',
  'BMW|330i|WBA|2006-2024|Sedan,M Sport',
  'BMW|X3|5UX|2007-2024|sDrive30i,xDrive30i,M40i',
  'Mercedes-Benz|C 300|55S|2008-2023|Sedan,Luxury,4MATIC',
  'Audi|Q5|WA1|2009-2024|Premium,Premium Plus,Prestige',
  'Lexus|RX 350|2T2|2007-2024|Base,Premium,F Sport',
  'Lexus|ES 300h|58A|2013-2024|Base,Luxury,Ultra Luxury|hybrid',
  'Acura|TLX|19U|2015-2024|Base,Technology,A-Spec',
  'Jeep|Wrangler|1C4|2007-2025|Sport,Sahara,Rubicon',
  'Jeep|Grand Cherokee|1C4|2005-2024|Laredo,Limited,Overland',
  'Dodge|Charger|2C3|2006-2023|SE,SXT,R/T',
  'Ram|1500|1C6|2011-2025|Tradesman,Big Horn,Laramie',
  'Ford|Mustang|1FA|2005-2025|V6,EcoBoost,GT',
  'Ford|Escape|1FM|2005-2024|S,SE,Titanium',
  'Chevrolet|Malibu|1G1|2008-2024|LS,LT,Premier',
  'Chevrolet|Bolt EV|1G1|2017-2023|LT,Premier,1LT|electric',
  'GMC|Sierra 1500|1GT|2007-2025|SLE,SLT,Denali',
  'Volvo|XC60|YV4|2010-2024|Momentum,R-Design,Inscription',
  'Mini|Cooper|WMW|2004-2024|Base,S,John Cooper Works',
  'Porsche|Macan|WP1|2015-2024|Base,S,GTS',
].map(model);

/** What companies send around. */
export const VANS: readonly Model[] = [
  'Ford|Transit 250|1FT|2015-2025|Cargo,Crew',
  'Ford|Transit Connect|NM0|2010-2023|XL,XLT',
  'Mercedes-Benz|Sprinter 2500|W1Y|2015-2024|Cargo,Crew',
  'Ram|ProMaster 1500|3C6|2014-2025|Low Roof,High Roof',
  'Nissan|NV200|3N6|2013-2021|S,SV',
  'Chevrolet|Express 2500|1GC|2008-2025|Cargo,LT',
].map(model);

/** With how many of a hundred cars wear them. */
export const COLORS: readonly (readonly [string, number])[] = [
  ['White', 25],
  ['Black', 20],
  ['Gray', 17],
  ['Silver', 14],
  ['Blue', 9],
  ['Red', 7],
  ['Green', 3],
  ['Beige', 2],
  ['Orange', 1],
  ['Yellow', 1],
  ['Burgundy', 1],
];
