/** `espalier decode`: the network as dense float32 tensors, in a file that other programs read. */
import { encodeSafetensors } from '@espalier/encoding';
import type { Command } from 'commander';
import { openArtifactFile, withPluginOption, type ArtifactFileOptions } from '../artifact-file';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { writeOutput } from '../files';
import { bytes, plural } from '../output/format';
import { present } from '../output/terminal';

export const decodeCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    withPluginOption(command)
      .argument('<file>', 'an .espalier file')
      .option('-o, --output <file>', 'the safetensors file to write (default: the same name, .safetensors)')
      .addHelpText(
        'after',
        examples([
          ['espalier decode model.espalier -o model.safetensors', 'dense kernels [in, out], biases, float32'],
        ]),
      )
      .action(async (file: string, options: CommonOptions & ArtifactFileOptions & { output?: string }) => {
        const { artifact } = await openArtifactFile(file, options);
        const output = options.output ?? `${file.replace(/\.espalier$/, '')}.safetensors`;
        const { network, tensors } = artifact;
        const content = encodeSafetensors(tensors, { network: JSON.stringify(network) });
        writeOutput(output, content);
        const result = { output, tensors: tensors.size, bytes: content.byteLength };
        present(
          terminal,
          options.json,
          result,
          () => `${plural(tensors.size, 'tensor')}, ${bytes(result.bytes)}: ${output}`,
        );
      });
  },
};
