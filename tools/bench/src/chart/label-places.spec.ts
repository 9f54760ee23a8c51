import { labelPlaces } from './label-places';

const area = { left: 0, right: 300, top: 0, bottom: 200 };

describe('labels', () => {
  it('stand to the right where there is room', () => {
    expect(labelPlaces([{ x: 50, y: 50, label: 'one' }], area)).toEqual([{ x: 60, y: 54, anchor: 'start' }]);
  });

  it('stay within the panel', () => {
    const [place] = labelPlaces([{ x: 290, y: 50, label: 'a long name' }], area);
    expect(place?.anchor).toBe('end');
  });

  it('cover neither marks nor each other', () => {
    const anchors = labelPlaces(
      [
        { x: 50, y: 50, label: 'first' },
        { x: 75, y: 50 },
        { x: 140, y: 50, label: 'second, which is long' },
        { x: 190, y: 50 },
      ],
      area,
    ).map((place) => place && [place.anchor, place.y]);
    // To the right of the first is a mark; left of the second is one, right of it another.
    expect(anchors).toEqual([['end', 54], undefined, ['middle', 40], undefined]);
  });

  it('take the side that covers least where there is none without', () => {
    const tight = { left: 0, right: 20, top: 0, bottom: 20 };
    // Above, two rows of its pixels are inside; beside it and below none are.
    expect(labelPlaces([{ x: 10, y: 10, label: 'nowhere' }], tight)).toEqual([
      { x: 10, y: 0, anchor: 'middle' },
    ]);
  });
});
