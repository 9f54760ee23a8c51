import type { Samples } from './dataset';

/** Where each image has anything but zeros: first row, last row, first column, last column; found when first asked for. Empty: the last row is -1. */
export class ImageBoxes {
  private readonly boxes: Int16Array;
  private readonly known: Uint8Array;

  constructor(private readonly samples: Samples) {
    this.boxes = new Int16Array(samples.count * 4);
    this.known = new Uint8Array(samples.count);
  }

  /** [4] */
  at(index: number): Int16Array {
    if (this.known[index] === 0) this.find(index);
    return this.boxes.subarray(4 * index, 4 * index + 4);
  }

  private find(index: number): void {
    const [height, width, channels] = this.samples.shape;
    const { images } = this.samples;
    const rowSize = width * channels;
    let firstRow = height;
    let lastRow = -1;
    let first = rowSize;
    let last = -1;
    for (let y = 0; y < height; y++) {
      const from = (index * height + y) * rowSize;
      let begin = 0;
      while (begin < rowSize && images[from + begin] === 0) begin++;
      if (begin === rowSize) continue;
      let end = rowSize - 1;
      while (images[from + end] === 0) end--;
      if (lastRow === -1) firstRow = y;
      lastRow = y;
      if (begin < first) first = begin;
      if (end > last) last = end;
    }
    const box = [firstRow, lastRow, Math.floor(first / channels), Math.floor(last / channels)];
    this.boxes.set(box, 4 * index);
    this.known[index] = 1;
  }
}
