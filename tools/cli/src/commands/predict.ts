/** `espalier predict`: one image, the answer, and how sure the network is. */
import type { JsonValue } from '@espalier/base';
import { predictSnapshot } from '@espalier/engine';
import type { Command } from 'commander';
import { openArtifactFile, withPluginOption, type ArtifactFileOptions } from '../artifact-file';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { imageShapeOf, readImage, type Image } from '../images';
import { percent } from '../output/format';
import { bar } from '../output/progress-text';
import { present } from '../output/terminal';
import {
  openIntegerModel,
  pixelsOf,
  softmax,
  withWholeNumbersOption,
  type WholeNumbersOptions,
} from '../whole-numbers';

type PredictOptions = CommonOptions & ArtifactFileOptions & WholeNumbersOptions;

const BAR_WIDTH = 20;
/** Of many classes, only the first few are worth a line. */
const MAX_LINES = 10;

export const predictCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    withWholeNumbersOption(withPluginOption(command))
      .argument('<file>', 'an .espalier file')
      .argument('<image>', 'FILE.png, IDX-FILE:INDEX, or mnist:test:INDEX')
      .addHelpText(
        'after',
        examples([
          ['espalier predict model.espalier mnist:test:17', 'an image of the test set'],
          ['espalier predict model.espalier digit.png', 'white on black, 28 x 28 for MNIST'],
          [
            'espalier predict model.espalier digit.png --whole-numbers',
            'a file of plugin-int8, in 8-bit whole numbers',
          ],
        ]),
      )
      .action(async (file: string, name: string, options: PredictOptions) => {
        const { image, logits } = await (options.wholeNumbers ? askIntegers : askFloats)(file, name, options);
        const probabilities = softmax(logits);
        const ranked = probabilities
          .map((probability, answer) => ({ answer, probability }))
          .sort((a, b) => b.probability - a.probability);
        const result = {
          image: name,
          answer: ranked[0].answer,
          ...(image.label === undefined ? {} : { label: image.label }),
          probabilities,
          ...(options.wholeNumbers && { wholeNumbers: true }),
        };
        present(terminal, options.json, result, () => {
          const truth = image.label === undefined ? '' : ` (it is a ${image.label})`;
          const lines = ranked.slice(0, MAX_LINES).map(({ answer, probability }) => {
            const share = percent(probability).padStart(8);
            return `  ${String(answer).padStart(3)}  ${bar(probability, BAR_WIDTH)} ${share}`;
          });
          return [`${terminal.style.bold(String(result.answer))}${truth}`, '', ...lines].join('\n');
        });
      });
  },
};

interface Asked {
  readonly image: Image;
  readonly logits: Float32Array;
}

async function askFloats(file: string, name: string, options: PredictOptions): Promise<Asked> {
  const { network, tensors } = (await openArtifactFile(file, options)).artifact;
  const image = readImage(name, imageShapeOf(network.input));
  const snapshot = { network: network as unknown as JsonValue, tensors, info: {} };
  const samples = { images: image.pixels, labels: Uint8Array.of(0), count: 1, shape: image.shape };
  return { image, logits: await predictSnapshot({ network, snapshot, samples }) };
}

async function askIntegers(file: string, name: string, options: PredictOptions): Promise<Asked> {
  const model = await openIntegerModel(file, options);
  const image = readImage(name, imageShapeOf(model.network.input));
  return { image, logits: model.run(pixelsOf(image.pixels)) };
}
