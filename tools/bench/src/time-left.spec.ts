import { duration, timeLeft } from './time-left';

describe('duration', () => {
  it('is in the unit that suits it', () => {
    expect([20, 600, 7260].map(duration)).toEqual(['20 s', '10 min', '2 h 1 min']);
  });
});

describe('timeLeft', () => {
  it('takes the rest to go as fast as what is done', () => {
    expect(timeLeft(2, 5, 40)).toBe(', about 60 s left');
  });

  it('says nothing before the first piece and after the last', () => {
    expect(timeLeft(0, 5, 0) + timeLeft(5, 5, 100)).toBe('');
  });
});
