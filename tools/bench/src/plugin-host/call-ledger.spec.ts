import { CallLedger } from './call-ledger';

describe('a ledger of calls', () => {
  it('knows which were lost, answered twice, and called off', () => {
    const ledger = new CallLedger();
    const numbers = Array.from({ length: 6 }, () => ledger.ask());
    expect(new Set(numbers).size).toBe(6);
    const [first, second, third, fourth] = numbers;
    for (const number of [first, second, second, second, third]) ledger.answer(number);
    ledger.callOff([third, fourth]);
    expect(ledger.totals()).toEqual({ asked: 6, lost: 2, twice: 2, calledOff: 1 });
  });

  it('sees an answer that went to another call as one lost and one twice', () => {
    const ledger = new CallLedger();
    const [mine] = [ledger.ask(), ledger.ask()];
    ledger.answer(mine);
    ledger.answer(mine);
    expect(ledger.totals()).toMatchObject({ lost: 1, twice: 1 });
  });

  it('takes no number that no call had', () => {
    const ledger = new CallLedger();
    ledger.ask();
    for (const number of [1, -1, 0.5, NaN]) expect(() => ledger.answer(number)).toThrow('which no call had');
  });
});
