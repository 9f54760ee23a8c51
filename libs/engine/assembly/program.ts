/** A part of a step is a list of calls in memory: the number of what is called, then its arguments, 4 bytes each; 0 ends it. */
import { dropoutFactors } from './dropout';
import { PARTS, word } from './memory';
import { clear, copyPixels, multiplyPixels, relu, reluBack } from './pixels';
import { maxPool, maxPoolBack } from './pool';
import { correlate, gather, scatter, sumOver } from './products';
import { transposeBytes, transposeFloats } from './transpose';
import { adam, momentum, penalise } from './update';

export function runPart(part: i32): void {
  let at = word(PARTS, part);
  for (;;) {
    switch (load<i32>(at)) {
      case 1:
        gather(
          u(at, 1),
          u(at, 2),
          u(at, 3),
          u(at, 4),
          i(at, 5),
          i(at, 6),
          u(at, 7),
          u(at, 8),
          u(at, 9),
          u(at, 10),
        );
        at += 44;
        break;
      case 2:
        scatter(u(at, 1), u(at, 2), u(at, 3), u(at, 4), i(at, 5), i(at, 6), u(at, 7), u(at, 8), u(at, 9));
        at += 40;
        break;
      case 3:
        correlate(
          u(at, 1),
          u(at, 2),
          u(at, 3),
          u(at, 4),
          u(at, 5),
          u(at, 6),
          i(at, 7),
          i(at, 8),
          i(at, 9),
          u(at, 10),
          i(at, 11),
          u(at, 12),
          u(at, 13),
        );
        at += 56;
        break;
      case 4:
        sumOver(u(at, 1), u(at, 2), u(at, 3), i(at, 4), i(at, 5), i(at, 6), u(at, 7));
        at += 32;
        break;
      case 5:
        maxPool(u(at, 1), u(at, 2), u(at, 3), u(at, 4), i(at, 5), i(at, 6), u(at, 7), i(at, 8));
        at += 36;
        break;
      case 6:
        maxPoolBack(
          u(at, 1),
          u(at, 2),
          u(at, 3),
          u(at, 4),
          u(at, 5),
          u(at, 6),
          i(at, 7),
          i(at, 8),
          u(at, 9),
          i(at, 10),
        );
        at += 44;
        break;
      case 7:
        relu(u(at, 1), u(at, 2), u(at, 3), u(at, 4), i(at, 5), i(at, 6));
        at += 28;
        break;
      case 8:
        reluBack(u(at, 1), u(at, 2), u(at, 3), u(at, 4), u(at, 5), i(at, 6), i(at, 7));
        at += 32;
        break;
      case 9:
        multiplyPixels(u(at, 1), u(at, 2), u(at, 3), u(at, 4), u(at, 5), i(at, 6), i(at, 7));
        at += 32;
        break;
      case 10:
        copyPixels(u(at, 1), u(at, 2), u(at, 3), u(at, 4), i(at, 5), i(at, 6));
        at += 28;
        break;
      case 11:
        clear(u(at, 1), u(at, 2));
        at += 12;
        break;
      case 12:
        momentum(u(at, 1), u(at, 2), u(at, 3), i(at, 4), f(at, 5));
        at += 24;
        break;
      case 13:
        adam(u(at, 1), u(at, 2), u(at, 3), u(at, 4), i(at, 5), f(at, 6), f(at, 7), f(at, 8));
        at += 36;
        break;
      case 14:
        penalise(u(at, 1), u(at, 2), i(at, 3), f(at, 4), f(at, 5), u(at, 6));
        at += 28;
        break;
      case 15:
        transposeBytes(u(at, 1), i(at, 2), u(at, 3), i(at, 4), f(at, 5));
        at += 24;
        break;
      case 16:
        transposeFloats(u(at, 1), i(at, 2), u(at, 3), i(at, 4));
        at += 20;
        break;
      case 17:
        dropoutFactors(u(at, 1), i(at, 2), i(at, 3), i(at, 4), i(at, 5), f(at, 6), f(at, 7));
        at += 32;
        break;
      default:
        return;
    }
  }
}

function u(call: usize, argument: i32): usize {
  return word(call, argument);
}

function i(call: usize, argument: i32): i32 {
  return <i32>word(call, argument);
}

function f(call: usize, argument: i32): f32 {
  return load<f32>(call + ((<usize>argument) << 2));
}
