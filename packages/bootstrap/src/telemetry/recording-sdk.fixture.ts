import { context, metrics, type SpanContext, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

/** Collects when it is asked to. */
class AskedReader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/**
 * Registers an SDK that keeps what it is given, as a user does before the application starts, until `stop`: the files of a
 * package run in the same process.
 */
export function recordingSdk() {
  const exporter = new InMemorySpanExporter();
  const reader = new AskedReader();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

  const spans = () => exporter.getFinishedSpans();

  /** The spans of a trace that have ended, each below its parent, with the group that it is of. */
  function tree(traceId: string, parent?: string): string[] {
    return spans()
      .filter((span) => span.spanContext().traceId === traceId && isBelow(span, parent))
      .map((span) => [title(span), ...tree(traceId, span.spanContext().spanId).map((line) => `  ${line}`)])
      .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1))
      .flat();
  }

  function isBelow({ parentSpanContext }: ReadableSpan, parent: string | undefined): boolean {
    if (parent !== undefined) return parentSpanContext?.spanId === parent;
    return (
      parentSpanContext === undefined || (parentSpanContext.isRemote === true && !isKnown(parentSpanContext))
    );
  }

  const isKnown = ({ spanId }: SpanContext) => spans().some((span) => span.spanContext().spanId === spanId);

  return {
    spans,
    tree,
    find: (name: string) => spans().filter((span) => span.name === name),
    clear: () => exporter.reset(),
    stop() {
      for (const api of [context, trace, metrics]) api.disable();
    },
    /** What a metric has come to for each combination of attributes: a sum, or how often it was recorded. */
    async metric(name: string): Promise<Readonly<Record<string, number>>> {
      const { resourceMetrics } = await reader.collect();
      const found = resourceMetrics.scopeMetrics
        .flatMap((scope) => scope.metrics)
        .find(({ descriptor }) => descriptor.name === name);
      const points = (found?.dataPoints ?? []) as readonly DataPoint<number | Histogram>[];
      return Object.fromEntries(
        points.map(({ attributes, value }) => [
          Object.values(attributes).join(' '),
          typeof value === 'number' ? value : value.count,
        ]),
      );
    },
  };
}

function title({ name, kind, attributes, status }: ReadableSpan): string {
  const group = attributes['messaging.consumer.group.name'];
  const error = status.code === 2 ? [`! ${attributes['error.type']}`] : [];
  return [SpanKind[kind], name, ...(group === undefined ? [] : [`(${group})`]), ...error].join(' ');
}
