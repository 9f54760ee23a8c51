import {
  UNKNOWN,
  agoText,
  bytesText,
  countText,
  durationText,
  figureText,
  percent,
  percentTick,
  shareText,
  times,
} from './format';

it('what is not known is a dash', () => {
  for (const format of [percent, shareText, times, bytesText, countText, durationText, agoText, figureText]) {
    expect([format(undefined), format(null), format(NaN)]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
  }
});

it.each([
  [percent(0.0142), '1.42 %'],
  [percentTick(0.015), '1.5 %'],
  [percentTick(0.1), '10 %'],
  [shareText(1), '100 %'],
  [shareText(0.2541), '25.4 %'],
  [shareText(0.0274), '2.74 %'],
  [times(36.57), '36.6×'],
  [times(141.04), '141×'],
  [bytesText(999), '999 B'],
  [bytesText(7562), '7.6 KB'],
  [bytesText(999_600), '1.0 MB'],
  [bytesText(240_000_000), '240 MB'],
  [countText(266_200), '266,200'],
  [durationText(0.44), '0.4 s'],
  [durationText(59.6), '1 min'],
  [durationText(200), '3 min 20 s'],
  [durationText(7500), '2 h 5 min'],
  [agoText(900), 'just now'],
  [agoText(59_000), '59 s ago'],
  [agoText(7_300_000), '2 h ago'],
  [agoText(90_000_000), '1 day ago'],
  [figureText(0.02642), '0.02642'],
  [figureText(1234567), '1.2e+6'],
  [figureText(0.00000012), '1.2e-7'],
])('%s is %s', (text, expected) => {
  expect(text).toBe(expected);
});
