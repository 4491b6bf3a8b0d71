/**
 * The order of the test files: vitest begins with the largest, and with those that took long where it
 * has run before. What takes longest though its file is small is named here, so that it does not begin
 * when all else is done and leave processors idle.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Of each project, longest first. */
export const longest: readonly string[] = [
  'test/system/chaos.test.ts',
  'test/system/demo.test.ts',
  'test/system/bundles.test.ts',
  'test/system/capture.test.ts',
  'test/system/processes.test.ts',
  'test/nth/node.pg.test.ts',
  'node/src/sync/bundle-orders.pg.test.ts',
  'shared-schema/src/runtime/queue-trouble.pg.test.ts',
  'node/src/sync/hub-restored.pg.test.ts',
  'node/src/sync/rejoin.pg.test.ts',
  'node/src/http/limits.pg.test.ts',
  'hub/src/sync/read-again-equal.pg.test.ts',
  'test/services/end-of-life.pg.test.ts',
  'test/nth/hub.pg.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = longest.findIndex((path) => moduleId.endsWith(`/${path}`));
      return rank < 0 ? longest.length : rank;
    };
    const usual = await BaseSequencer.prototype.sort.call(this, files);
    const byProject = Map.groupBy(usual, ({ project }) => project);
    return [...byProject.values()].flatMap((of) => of.toSorted((a, b) => rankOf(a) - rankOf(b)));
  }
}
