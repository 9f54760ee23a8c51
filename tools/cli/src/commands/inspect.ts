/** `espalier inspect`: what is in a file, tensor by tensor. */
import type { Command } from 'commander';
import { openArtifactFile, withPluginOption, type ArtifactFileOptions } from '../artifact-file';
import { artifactReport, artifactText } from '../artifact-report';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { present } from '../output/terminal';

export const inspectCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    withPluginOption(command)
      .argument('<file>', 'an .espalier file')
      .addHelpText(
        'after',
        examples([
          ['espalier inspect model.espalier', 'shape, kept, coding, bits, bytes of each tensor'],
          ['espalier inspect model.espalier --json', 'the same for programs'],
        ]),
      )
      .action(async (file: string, options: CommonOptions & ArtifactFileOptions) => {
        const { bytes, artifact } = await openArtifactFile(file, options);
        const report = artifactReport(bytes, artifact);
        present(terminal, options.json, report, () => artifactText(report));
      });
  },
};
