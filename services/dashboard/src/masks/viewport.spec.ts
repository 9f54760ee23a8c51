import fc from 'fast-check';
import { fit, isFitted, pan, pixelAt, resized, zoomAt, type Sizes } from './viewport';

const sizes: Sizes = { picture: { width: 100, height: 50 }, screen: { width: 400, height: 300 } };
const start = fit(sizes.picture, sizes.screen);

describe('a viewport', () => {
  it('first shows the whole picture, in the middle', () => {
    expect(start).toEqual({ scale: 4, x: 0, y: 50 });
    expect(isFitted(start, sizes)).toBe(true);
  });

  it('keeps the pixel under the pointer while it zooms', () => {
    const at = { x: 130, y: 150 };
    const zoomed = zoomAt(start, 2, at, sizes);
    expect(zoomed.scale).toBe(8);
    expect(isFitted(zoomed, sizes)).toBe(false);
    expect(pixelAt(zoomed, at, sizes.picture)).toEqual(pixelAt(start, at, sizes.picture));
  });

  it('finds no pixel beside the picture', () => {
    expect(pixelAt(start, { x: 10, y: 20 }, sizes.picture)).toBeUndefined();
    expect(pixelAt(start, { x: 399, y: 249 }, sizes.picture)).toEqual({ x: 99, y: 49 });
  });

  it('shows the same part on a screen of another size', () => {
    const zoomed = zoomAt(start, 3, { x: 400, y: 250 }, sizes);
    const half = resized(zoomed, sizes.screen, { ...sizes, screen: { width: 200, height: 150 } });
    expect(half).toEqual({ scale: zoomed.scale / 2, x: zoomed.x / 2, y: zoomed.y / 2 });
  });

  it('never leaves a strip empty, whatever is done to it', () => {
    const point = fc.record({
      x: fc.integer({ min: -500, max: 500 }),
      y: fc.integer({ min: -500, max: 500 }),
    });
    const step = fc.record({ factor: fc.double({ min: 0.1, max: 10, noNaN: true }), at: point, by: point });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const { picture, screen } = sizes;
        const end = steps.reduce(
          (viewport, { factor, at, by }) => pan(zoomAt(viewport, factor, at, sizes), by, sizes),
          start,
        );
        const { scale, x, y } = end;
        const covers = (from: number, size: number, room: number): boolean =>
          size > room
            ? from <= 1e-6 && from + size >= room - 1e-6
            : Math.abs(from - (room - size) / 2) < 1e-6;
        return (
          covers(x, picture.width * scale, screen.width) && covers(y, picture.height * scale, screen.height)
        );
      }),
    );
  });
});
