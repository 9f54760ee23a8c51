import { WHOLE, moved, spanOf, within, zoomed } from './window';

describe('a window of steps', () => {
  it('that has no ends follows the run', () => {
    expect(spanOf(WHOLE, 1000)).toEqual({ from: 0, to: 1000 });
    expect(spanOf({ from: 400 }, 1000)).toEqual({ from: 400, to: 1000 });
    expect(spanOf(WHOLE, 0)).toEqual({ from: 0, to: 10 });
  });

  it('is zoomed around a place', () => {
    expect(zoomed({ from: 0, to: 1000 }, 1000, 0.5)).toEqual({ from: 250, to: 750 });
    expect(zoomed({ from: 0, to: 1000 }, 1000, 0.5, 0)).toEqual({ to: 500 });
    expect(zoomed({ from: 0, to: 1000 }, 1000, 0.5, 1)).toEqual({ from: 500 });
    expect(zoomed({ from: 250, to: 750 }, 1000, 4)).toEqual(WHOLE);
  });

  it('is not zoomed beyond ten steps', () => {
    expect(zoomed({ from: 500, to: 510 }, 1000, 0.1)).toEqual({ from: 500, to: 510 });
  });

  it('is moved no further than the ends of the run', () => {
    expect(moved({ from: 200, to: 400 }, 1000, 0.5)).toEqual({ from: 300, to: 500 });
    expect(moved({ from: 100, to: 400 }, 1000, -1)).toEqual({ to: 300 });
    expect(moved({ from: 700, to: 900 }, 1000, 1)).toEqual({ from: 800 });
  });

  it('stays open where it reaches an end', () => {
    expect(within({ from: -5, to: 2000 }, 1000)).toEqual(WHOLE);
  });
});
