import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { TrafficChart } from '../../api/types';
import { Chart } from '../../ui/chart/chart';
import { Choice } from '../../ui/choice';
import { formatDuration, formatNumber, formatTime } from '../../ui/format';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { type Span, trafficQuery } from '../operations/queries';
import { words } from '../words/words';

const SPANS: Span[] = ['hour', 'day'];

/** What was asked of the server lately, and how long it took. */
export function Traffic() {
  const said = words().charts;
  const [span, setSpan] = useState<Span>('hour');
  const { data, error, refetch } = useQuery(trafficQuery(span));
  return (
    <section aria-labelledby="traffic" className="mt-10">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <h2 id="traffic" className="text-lg font-semibold">
          {said.title}
        </h2>
        <Choice
          label={said.span}
          options={SPANS.map(value => ({ value, label: said[value] }))}
          value={span}
          onChange={setSpan}
        />
      </div>
      {data ? (
        <Charts chart={data} />
      ) : error ? (
        <ErrorNotice error={error} onRetry={refetch} />
      ) : (
        <Loading what={said.the_traffic}>
          <div className="grid gap-4 lg:grid-cols-2">
            <Bone className="h-64 rounded-xl" />
            <Bone className="h-64 rounded-xl" />
          </div>
        </Loading>
      )}
    </section>
  );
}

function Charts({ chart: { points } }: { chart: TrafficChart }) {
  const said = words().charts;
  const common = {
    times: points.map(({ at }) => formatTime(at)),
    nothing: said.nothing,
    asTable: said.as_table,
    time: said.time,
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2">
      <Chart
        {...common}
        title={said.traffic}
        kind="bars"
        format={formatNumber}
        series={[
          {
            name: said.answered,
            tone: 'accent',
            values: points.map(({ requests, errors }) => Math.max(0, requests - errors)),
          },
          { name: said.failed, tone: 'danger', values: points.map(({ errors }) => errors) },
        ]}
      />
      <Chart
        {...common}
        title={said.latency}
        kind="lines"
        format={formatDuration}
        series={[
          { name: said.p50, tone: 'accent', values: points.map(({ p50_ms }) => p50_ms ?? null) },
          { name: said.p99, tone: 'pole', values: points.map(({ p99_ms }) => p99_ms ?? null) },
        ]}
      />
    </div>
  );
}
