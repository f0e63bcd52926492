import { describe, expect, test } from 'bun:test';
import { locate, termsOf, whereabouts, wordsOf } from '../../../src/features/availability/places.ts';
import type { Area, ShopRules } from '../../../src/features/availability/types.ts';
import type { Place } from '../../../src/values/place.ts';
import { evenShop } from '../../helpers/even-shop.ts';

const area = (overrides: Partial<Area>): Area => ({
  ...{ id: 'round', name: 'Town', kind: 'radius', lat: 34, lng: -118, radius_km: 10, codes: [] },
  ...{ trip_fee_cents: 100, ...overrides },
});
const round = area({});
const postal = area({
  ...{ id: 'postal', kind: 'postal_codes', lat: 37, radius_km: null, trip_fee_cents: 5_000 },
  codes: ['94110', 'SW1A 1AA', '100-8111'].map(wordsOf),
});
const at = (lat: number, lng = -118): Place => ({ address: null, lat, lng });
const called = (address: string): Place => ({ address, lat: null, lng: null });
const shopWith = (...areas: Area[]): ShopRules => ({ ...evenShop, areas, whereabouts: new WeakMap() });
const areaOf = (areas: Area[], place: Place) => whereabouts(shopWith(...areas), place).area?.id;

describe('a place belongs to', () => {
  test('a radius that it is inside, by its coordinates', () => {
    expect(areaOf([round], at(34.089))).toBe('round');
    expect(areaOf([round], at(34.091))).toBeUndefined();
  });

  test('the area whose postal code is a word of its address', () => {
    expect(areaOf([postal], called('1 Main St, San Francisco, CA 94110-1234'))).toBe('postal');
    expect(areaOf([postal], called('10 Downing St, London sw1a 1aa'))).toBe('postal');
    expect(areaOf([postal], called('Chiyoda, 〒100-8111 Tokyo'))).toBe('postal');
    expect(areaOf([postal], called('194110 Long Road'))).toBeUndefined();
    expect(areaOf([postal], called('9411 0 Main St'))).toBeUndefined();
  });

  test('the area that its code names, before one whose radius nobody can measure', () => {
    expect(areaOf([round, postal], called('1 Main St 94110'))).toBe('postal');
    expect(areaOf([round, postal], called('somewhere'))).toBe('round');
  });

  test('the one with the lowest fee of several: they are in that order', () => {
    expect(areaOf([round, area({ id: 'dearer', trip_fee_cents: 900 })], at(34))).toBe('round');
  });
});

describe('an address without coordinates', () => {
  test('stands at the centre of its area, and that is said', () => {
    const shop = shopWith(round, postal);
    expect(locate(shop, called('1 Main St 94110'))).toEqual({
      point: { lat: 37, lng: -118 },
      isCentre: true,
    });
    expect(locate(shop, called('somewhere'))).toEqual({ point: { lat: 34, lng: -118 }, isCentre: true });
    expect(locate(shop, at(1, 2))).toEqual({ point: { lat: 1, lng: 2 }, isCentre: false });
    expect(locate(shopWith(), called('somewhere'))).toBeUndefined();
    expect(locate(shop, null)).toBeUndefined();
  });

  test('is to be looked at where its area is a guess', () => {
    const shop = shopWith(round, postal);
    expect(termsOf(shop, called('1 Main St 94110'))).toEqual({ trip_fee_cents: 5_000, needs_review: false });
    expect(termsOf(shop, called('somewhere'))).toEqual({ trip_fee_cents: 100, needs_review: true });
    expect(termsOf(shop, at(50))).toEqual({ trip_fee_cents: 0, needs_review: true });
    expect(termsOf(shopWith(), called('somewhere'))).toEqual({ trip_fee_cents: 0, needs_review: false });
  });
});
