/** `espalier inspect`: what is in a file, tensor by tensor. */
import type { Command } from 'commander';
import { openArtifactFile } from '../artifact-file';
import { artifactReport, artifactText } from '../artifact-report';
import { examples, type CommandModule, type CommonOptions } from '../command';
import { present } from '../output/terminal';

export const inspectCommand: CommandModule = {
  configure(command: Command, { terminal }) {
    command
      .argument('<file>', 'an .espalier file')
      .addHelpText(
        'after',
        examples([
          ['espalier inspect model.espalier', 'shape, kept, coding, bits, bytes of each tensor'],
          ['espalier inspect model.espalier --json', 'the same for programs'],
        ]),
      )
      .action((file: string, options: CommonOptions) => {
        const { bytes, artifact } = openArtifactFile(file);
        const report = artifactReport(bytes, artifact);
        present(terminal, options.json, report, () => artifactText(report));
      });
  },
};
