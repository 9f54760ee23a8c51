/** `espalier predict`: one image, the answer, and how sure the network is. */
import type { JsonValue } from '@espalier/base';
import { predictSnapshot } from '@espalier/engine';
import type { NetworkSpec } from '@espalier/models';
import type { Tensor } from '@espalier/tensor';
import type { Command } from 'commander';
import { openArtifactFile, withPluginOption, type ArtifactFileOptions } from '../artifact-file';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { imageShapeOf, readImage, type Image } from '../images';
import { percent } from '../output/format';
import { bar } from '../output/progress-text';
import { present } from '../output/terminal';

const BAR_WIDTH = 20;
/** Of many classes, only the first few are worth a line. */
const MAX_LINES = 10;

export const predictCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    withPluginOption(command)
      .argument('<file>', 'an .espalier file')
      .argument('<image>', 'FILE.png, IDX-FILE:INDEX, or mnist:test:INDEX')
      .addHelpText(
        'after',
        examples([
          ['espalier predict model.espalier mnist:test:17', 'an image of the test set'],
          ['espalier predict model.espalier digit.png', 'white on black, 28 x 28 for MNIST'],
        ]),
      )
      .action(async (file: string, name: string, options: CommonOptions & ArtifactFileOptions) => {
        const { network, tensors } = (await openArtifactFile(file, options)).artifact;
        const image = readImage(name, imageShapeOf(network.input));
        const probabilities = await probabilitiesOf(network, tensors, image);
        const ranked = probabilities
          .map((probability, answer) => ({ answer, probability }))
          .sort((a, b) => b.probability - a.probability);
        const result = {
          image: name,
          answer: ranked[0].answer,
          ...(image.label === undefined ? {} : { label: image.label }),
          probabilities,
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

/** Softmax of the logits. */
async function probabilitiesOf(
  network: NetworkSpec,
  tensors: ReadonlyMap<string, Tensor>,
  { pixels, shape }: Image,
): Promise<readonly number[]> {
  const snapshot = { network: network as unknown as JsonValue, tensors, info: {} };
  const samples = { images: pixels, labels: Uint8Array.of(0), count: 1, shape };
  const logits = await predictSnapshot({ network, snapshot, samples });
  const largest = Math.max(...logits);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
