import type { Random } from './random.ts';

export type Address = { text: string; lat: number; lng: number };

/** Points lie in the neighbourhood of their street, not at the house. */
export const anAddress = (random: Random): Address => {
  const [, town, zip, lat, lng, streets] = random.pick(AREAS);
  const street = `${random.whole(100, 6900)} ${random.pick(streets.split(', '))}`;
  const unit = random.chance(0.2) ? ` Apt ${random.whole(1, 40)}` : '';
  return {
    text: `${street}${unit}, ${town}, CA ${zip}`,
    lat: degrees(lat + (random.unit() - 0.5) * SPREAD_DEGREES),
    lng: degrees(lng + (random.unit() - 0.5) * SPREAD_DEGREES),
  };
};

/** Where the vans stand at night. */
export const startPoint = (index: number): { lat: number; lng: number } => {
  const [, , , lat, lng] = AREAS[(index * 3) % AREAS.length] ?? AREAS[0];
  return { lat, lng };
};

const SPREAD_DEGREES = 0.014;

const degrees = (number: number): number => Math.round(number * 100_000) / 100_000;

type Area = readonly [name: string, town: string, zip: string, lat: number, lng: number, streets: string];

const AREAS: readonly [Area, ...Area[]] = [
  ['Silver Lake', 'Los Angeles', '90026', 34.0869, -118.2702, 'W Sunset Blvd, Micheltorena St, Hyperion Ave'],
  ['Echo Park', 'Los Angeles', '90026', 34.0782, -118.2606, 'Echo Park Ave, N Alvarado St, Glendale Blvd'],
  ['Highland Park', 'Los Angeles', '90042', 34.1155, -118.1845, 'N Figueroa St, York Blvd, Monte Vista St'],
  ['Eagle Rock', 'Los Angeles', '90041', 34.139, -118.2126, 'Colorado Blvd, Eagle Rock Blvd, Townsend Ave'],
  ['Boyle Heights', 'Los Angeles', '90033', 34.0459, -118.211, 'E 1st St, E Cesar E Chavez Ave, S Soto St'],
  ['Koreatown', 'Los Angeles', '90005', 34.0592, -118.306, 'Wilshire Blvd, S Western Ave, W 8th St'],
  ['Hollywood', 'Los Angeles', '90028', 34.1, -118.3267, 'Hollywood Blvd, N Highland Ave, N Cahuenga Blvd'],
  ['Los Feliz', 'Los Angeles', '90027', 34.1063, -118.2905, 'Hillhurst Ave, N Vermont Ave, Franklin Ave'],
  ['Mid-City', 'Los Angeles', '90019', 34.0485, -118.3387, 'W Pico Blvd, S La Brea Ave, W Washington Blvd'],
  ['West Adams', 'Los Angeles', '90016', 34.0301, -118.3523, 'W Adams Blvd, W Jefferson Blvd, S La Brea Ave'],
  ['Leimert Park', 'Los Angeles', '90008', 34.0097, -118.3372, 'Crenshaw Blvd, Degnan Blvd, W 43rd St'],
  ['Venice', 'Venice', '90291', 33.9945, -118.458, 'Abbot Kinney Blvd, Lincoln Blvd, Rose Ave'],
  ['Mar Vista', 'Los Angeles', '90066', 34.0037, -118.43, 'Venice Blvd, S Centinela Ave, Inglewood Blvd'],
  ['Palms', 'Los Angeles', '90034', 34.029, -118.401, 'National Blvd, Motor Ave, Overland Ave'],
  ['Westwood', 'Los Angeles', '90024', 34.0635, -118.4405, 'Westwood Blvd, Veteran Ave, Hilgard Ave'],
  ['Sawtelle', 'Los Angeles', '90025', 34.0409, -118.449, 'Sawtelle Blvd, Barry Ave, Santa Monica Blvd'],
  [
    'North Hollywood',
    'North Hollywood',
    '91601',
    34.1686,
    -118.377,
    'Lankershim Blvd, Magnolia Blvd, Tujunga Ave',
  ],
  ['Van Nuys', 'Van Nuys', '91401', 34.18, -118.433, 'Van Nuys Blvd, Victory Blvd, Hazeltine Ave'],
  ['Sherman Oaks', 'Sherman Oaks', '91403', 34.151, -118.456, 'Ventura Blvd, Moorpark St, Kester Ave'],
  ['Reseda', 'Reseda', '91335', 34.201, -118.536, 'Reseda Blvd, Sherman Way, Vanowen St'],
  ['San Pedro', 'San Pedro', '90731', 33.741, -118.295, 'S Gaffey St, S Pacific Ave, W 9th St'],
  ['Watts', 'Los Angeles', '90002', 33.9495, -118.2465, 'E 103rd St, Wilmington Ave, Compton Ave'],
  ['Culver City', 'Culver City', '90232', 34.0205, -118.391, 'Culver Blvd, Washington Blvd, Jefferson Blvd'],
  ['Glendale', 'Glendale', '91204', 34.136, -118.259, 'S Brand Blvd, E Colorado St, S Glendale Ave'],
  [
    'Inglewood',
    'Inglewood',
    '90301',
    33.9615,
    -118.357,
    'S La Brea Ave, W Manchester Blvd, E Hillcrest Blvd',
  ],
  ['Pasadena', 'Pasadena', '91101', 34.1465, -118.1395, 'E Colorado Blvd, S Lake Ave, E Del Mar Blvd'],
  ['Torrance', 'Torrance', '90501', 33.834, -118.315, 'Cabrillo Ave, Carson St, Arlington Ave'],
];
