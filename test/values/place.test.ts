import { describe, expect, test } from 'bun:test';
import { place, point } from '../../src/values/place.ts';
import { accepts, read } from './read.ts';

describe('place', () => {
  test('gives all three fields whatever was left out', () => {
    const address = '12 Elm Street';
    expect(read(place(), { address: ` ${address} ` })).toEqual({ address, lat: null, lng: null });
    expect(read(place(), { lat: 34.05, lng: -118.24 })).toEqual({ address: null, lat: 34.05, lng: -118.24 });
    expect(read(place(), { address, lat: null, lng: null })).toEqual({ address, lat: null, lng: null });
  });

  test('takes the poles, the date line and the point zero, of which there is one', () => {
    for (const [lat, lng] of [
      [90, 180],
      [-90, -180],
      [0, 0],
    ])
      expect(accepts(place(), { lat, lng })).toBe(true);
    expect(read(place(), { lat: -0, lng: -0 })).toEqual({ address: null, lat: 0, lng: 0 });
  });

  test('refuses half a point', () => {
    for (const half of [{ lat: 34.05 }, { lng: -118.24 }, { address: 'x', lat: 1, lng: null }]) {
      expect(read(place(), half)).toEqual({
        refused: expect.arrayContaining(['must have lat and lng together']),
      });
    }
  });

  test('refuses a place that is nowhere', () => {
    for (const nowhere of [{}, { address: null }, { address: null, lat: null, lng: null }]) {
      expect(read(place(), nowhere)).toEqual({ refused: ['must have an address, or lat and lng'] });
    }
  });

  test('refuses degrees out of range, infinite, or in a text', () => {
    for (const lat of [90.0001, -90.0001, Infinity, Number.NaN, '34']) {
      expect(read(place(), { lat, lng: 0 })).toEqual({ refused: ['must be degrees from -90 to 90'] });
    }
    for (const lng of [180.0001, -180.0001, -Infinity]) {
      expect(read(place(), { lat: 0, lng })).toEqual({ refused: ['must be degrees from -180 to 180'] });
    }
  });

  test('takes an address of 300 characters', () => {
    expect(accepts(place(), { address: 'x'.repeat(300) })).toBe(true);
  });

  test('refuses an empty or long address, unknown fields, and what is not an object', () => {
    const wrong = [
      { address: '' },
      { address: 'x'.repeat(301) },
      { address: 'x', zip: '90001' },
      [],
      'x',
      null,
    ];
    for (const input of wrong) expect(accepts(place(), input)).toBe(false);
  });
});

describe('point', () => {
  test('needs both degrees and nothing else', () => {
    expect(read(point(), { lat: 1, lng: 2 })).toEqual({ lat: 1, lng: 2 });
    for (const input of [{ lat: 1 }, { lat: 1, lng: null }, { lat: 1, lng: 2, address: 'x' }, null]) {
      expect(accepts(point(), input)).toBe(false);
    }
  });
});
