import { Message } from './protobuf';

const hex = (message: Message): string => Buffer.from(message.toBytes()).toString('hex');

describe("protobuf's wire format", () => {
  it('writes the examples of its documentation', () => {
    expect(hex(new Message().integer(1, 150))).toBe('089601');
    expect(hex(new Message().text(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(new Message().message(3, new Message().integer(1, 150)))).toBe('1a03089601');
  });

  it('writes negative numbers in ten bytes, floats in four, and maps as entries', () => {
    expect(hex(new Message().integer(1, -1))).toBe('08ffffffffffffffffff01');
    expect(hex(new Message().float(4, 1))).toBe('250000803f');
    expect(hex(new Message().entry(5, 'a', new Message().integer(3, 2)))).toBe('2a070a016112021802');
  });
});
