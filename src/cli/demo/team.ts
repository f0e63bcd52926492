import type { Service } from './catalog.ts';
import { type Days, iso, OPEN_WEEK } from './days.ts';
import { startPoint } from './places.ts';
import { idOf } from './random.ts';

export type Technician = {
  id: string;
  name: string;
  initials: string;
  phone: string;
  skills: string[];
  start_lat: number;
  start_lng: number;
  hours: typeof OPEN_WEEK;
  created_at: string;
  updated_at: string;
};

const FOUNDED_DAY = -1200;

/** Each skill that the catalog asks for is known to about a third of the team. */
export const makeTeam = (catalog: readonly Service[], days: Days): Technician[] => {
  const asked = [...new Set(catalog.flatMap(({ skills }) => skills))].sort();
  return TEAM.map(([name, initials, own], index) => {
    const hiredAt = days.at(FOUNDED_DAY + index * 97, index);
    const certified = asked.filter((_, place) => (index + place) % 3 === 0);
    const { lat, lng } = startPoint(index);
    return {
      id: idOf(`technician ${index}`, hiredAt),
      name,
      initials,
      // Kept for fiction, in an area code that no customer of the demo has.
      phone: `+1934555010${index}`,
      skills: [...certified, ...own.split(', ').filter((skill) => !certified.includes(skill))],
      start_lat: lat,
      start_lng: lng,
      hours: OPEN_WEEK,
      created_at: iso(hiredAt),
      updated_at: iso(hiredAt),
    };
  });
};

const TEAM: readonly (readonly [name: string, initials: string, skills: string])[] = [
  ['Edgar Morales', 'EM', 'brakes, electrical, diagnostics'],
  ['Luz Castañeda', 'LC', 'electrical, diagnostics'],
  ['Dae-jung Kim', 'DK', 'brakes, cooling'],
  ['Tigran Petrosyan', 'TP', 'engine, transmission'],
  ['Keisha Robinson', 'KR', 'brakes, suspension'],
  ['Wei Zhang', 'WZ', 'electrical, hybrid'],
  ['Ramón Ibáñez', 'RI', 'engine, cooling'],
  ["Bridget O'Neill", 'BO', 'diagnostics, suspension'],
  ['Samir Haddad', 'SH', 'transmission, engine'],
  ['Marisol Dimaculangan', 'MD', 'brakes, inspections'],
];
