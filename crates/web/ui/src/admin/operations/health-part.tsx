import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { HealthCheck, HealthNode, HealthTree } from '../../api/types';
import { fill } from '../../i18n/language';
import { formatAgo } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { words } from '../words/words';
import { CheckDetails } from './check-details';
import { byStatus, isTroubled, StatusIcon, softTone, statusOf } from './health-status';
import { nameOfCheck, otherNameOfFeature, otherNameOfNode } from './names';
import { healthQuery } from './queries';
import { Told } from './told';

/** The tree of checks: what wants attention first, then all of it. */
export function HealthPart() {
  const said = words().operations;
  const { data, error, refetch } = useQuery(healthQuery);
  if (data) return <Tree tree={data} />;
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  return (
    <Loading what={said.the_health}>
      <Bone className="h-20 rounded-xl" />
      <Bone className="mt-6 h-80 rounded-xl" />
    </Loading>
  );
}

function Tree({ tree }: { tree: HealthTree }) {
  const said = words().operations;
  const troubled = tree.checks.filter(({ status }) => isTroubled(status)).sort(byStatus);
  const names = new Map([
    ...tree.checks.map(check => [check.id, nameOfCheck(check)] as const),
    ...tree.features.map(({ id, title }) => [id, otherNameOfFeature(id) ?? title] as const),
  ]);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      <div className={`flex items-center gap-4 rounded-xl px-5 py-4 ${softTone(tree.status)}`}>
        <StatusIcon word={tree.status} className="size-8" />
        <div>
          <p className="text-lg font-semibold">{said.statuses[statusOf(tree.status)]}</p>
          <p className="text-sm">
            {fill(said.judged, { ago: formatAgo(tree.at) })}
            {!tree.settled && ` ${said.not_settled}`}
          </p>
        </div>
      </div>
      {troubled.length > 0 && (
        <section aria-labelledby="attention">
          <h2 id="attention" className="mb-3 text-lg font-semibold">
            {said.attention}
          </h2>
          <div className="divide-y divide-line rounded-xl border border-line bg-surface shadow-card">
            {troubled.map(check => (
              <CheckDetails key={check.id} check={check} names={names} isOpen />
            ))}
          </div>
        </section>
      )}
      <section aria-labelledby="everything">
        <h2 id="everything" className="mb-3 text-lg font-semibold">
          {said.everything}
        </h2>
        <div className="rounded-xl border border-line bg-surface shadow-card">
          {tree.nodes.map(node => (
            <Node
              key={node.id}
              node={node}
              checks={tree.checks.filter(check => check.node === node.id)}
              names={names}
            />
          ))}
        </div>
      </section>
    </div>
  );
}

type NodeProps = { node: HealthNode; checks: HealthCheck[]; names: Map<string, string> };

function Node({ node, checks, names }: NodeProps) {
  const said = words().operations;
  const id = useId();
  if (node.depth === 0 && checks.length === 0) return null;
  return (
    <section
      aria-labelledby={id}
      className="border-line not-first:border-t"
      style={{ paddingLeft: `${Math.max(0, node.depth - 1) * 1.25}rem` }}
    >
      <h3 id={id} className="flex items-center gap-2.5 px-4 pt-3.5 pb-1.5 font-semibold md:px-5">
        <StatusIcon word={node.status} />
        {node.depth === 0 ? said.whole : <Told says={node.title} other={otherNameOfNode(node)} />}
      </h3>
      <div className="pb-2">
        {checks.map(check => (
          <CheckDetails key={check.id} check={check} names={names} />
        ))}
      </div>
    </section>
  );
}
