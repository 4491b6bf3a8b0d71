/**
 * `npm run model`: checks every configuration of the models, prints the table and ends with status 1
 * where a result is not the expected one. `--only NAME` checks one and prints how a violation comes
 * about; `--quick` leaves the long ones out; `--json` adds the table as the last line.
 */
import { parseArgs } from 'node:util';

import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';

import { type Checked, checkModel, missingTools } from './check-model.ts';
import { type Configuration, configurations } from './configurations.ts';

const timeMaxMs = 20 * 60_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const line = (cells: readonly (string | number)[]): string => {
  const [name = '', states = '', depth = '', seconds = '', result = ''] = cells.map(String);
  return `${name.padEnd(30)} ${states.padStart(11)} ${depth.padStart(6)} ${seconds.padStart(8)}  ${result}`;
};

function resultLine({ name, expected }: Configuration, checked: Checked): string {
  const { states, depth, seconds, result } = checked;
  const surprise = result === expected ? '' : `  EXPECTED: ${expected}`;
  return line([name, states, depth, seconds.toFixed(1), `${result}${surprise}`]);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const chosen = configurations.filter(
    ({ name, quick }) =>
      (values.only === undefined || name === values.only) && (quick || !values.quick),
  );
  if (chosen.length === 0) {
    say(`no such configuration; there are ${configurations.map(({ name }) => name).join(', ')}`);
    return exitCodes.usage;
  }
  const missing = missingTools();
  if (missing !== undefined) {
    say(missing);
    return exitCodes.usage;
  }
  say(line(['configuration', 'states', 'depth', 'seconds', 'result']));
  const rows = [];
  for (const one of chosen) {
    const checked = await checkModel(one, { timeMaxMs });
    const expected = checked.result === one.expected;
    say(resultLine(one, checked));
    if (!expected || values.only !== undefined)
      for (const step of checked.trace) say(`    ${step}`);
    const { trace: _steps, ...figures } = checked;
    rows.push({ name: one.name, expected: one.expected, ...figures });
  }
  if (values.json) say(JSON.stringify(rows));
  return rows.every((row) => row.result === row.expected) ? exitCodes.ok : exitCodes.failed;
}

process.exitCode = await main();
