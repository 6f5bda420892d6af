package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"bauta/webhook"
	"bauta/webhook/meta"
)

// Queue traces the storing of events: a span for all of them, and the first span of each
// one's own trace.
func (t *Tracer) Queue(next webhook.Queue, prf webhook.PRF) webhook.Queue {
	return &queue{t, next, prf}
}

type queue struct {
	t    *Tracer
	next webhook.Queue
	prf  webhook.PRF
}

// Append implements webhook.Queue.
func (q *queue) Append(ctx context.Context, items []webhook.Item) ([]webhook.Appended, error) {
	begun := time.Now()
	within, span := ctx, trace.Span(noop.Span{})
	if inside(ctx) {
		within, span = q.t.tracer.Start(ctx, spanStore, trace.WithAttributes(keyEvents.Int(len(items))))
	}
	appended, err := q.next.Append(within, items)
	failed(span, err != nil)
	span.End()
	for i := range items {
		known := i < len(appended) && appended[i].Duplicate
		q.event(ctx, &items[i], known, err != nil, begun)
	}
	return appended, err
}

// event makes the first span of an event's trace, which leads to the request that brought
// it. What was known before has one already.
func (q *queue) event(ctx context.Context, i *webhook.Item, known, lost bool, begun time.Time) {
	if known {
		return
	}
	own := context.WithValue(ctx, ofEvent{}, i.Delivery.ID)
	_, span := q.t.tracer.Start(own, spanEvent, trace.WithNewRoot(), trace.WithTimestamp(begun), trace.WithLinks(trace.LinkFromContext(ctx)))
	if span.IsRecording() {
		lanes := make([]string, len(i.Endpoints))
		for n, endpoint := range i.Endpoints {
			lanes[n] = webhook.LaneHash(q.prf, webhook.Lane{Business: i.Business, Endpoint: endpoint, Conversation: i.Conversation})
		}
		span.SetAttributes(keyBusiness.String(i.Business), keyEvent.String(i.Delivery.ID), keyField.String(fieldOf(&i.Delivery)), keyKind.String(i.Delivery.Kind),
			keyLanes.StringSlice(lanes))
		failed(span, lost)
	}
	span.End()
}

// Attempt traces an attempt to deliver an event, in the event's trace.
func (t *Tracer) Attempt(prf webhook.PRF) func(webhook.Attempt) {
	return func(a webhook.Attempt) {
		ctx := trace.ContextWithRemoteSpanContext(context.Background(), rootOf(a.Delivery.ID))
		_, span := t.tracer.Start(ctx, spanForward, trace.WithTimestamp(a.Began), trace.WithSpanKind(trace.SpanKindClient))
		if span.IsRecording() {
			span.SetAttributes(keyBusiness.String(a.Lane.Business), keyEndpoint.String(a.Lane.Endpoint), keyEvent.String(a.Delivery.ID),
				keyField.String(fieldOf(a.Delivery)), keyKind.String(a.Delivery.Kind), keyLane.String(webhook.LaneHash(prf, a.Lane)),
				keyAttempts.Int(a.Delivery.Attempts+1), keyOutcome.String(a.Outcome), keyReason.String(a.Reason))
			if a.Status != 0 {
				span.SetAttributes(keyStatus.Int(a.Status))
			}
			failed(span, a.Outcome != "delivered")
		}
		span.End(trace.WithTimestamp(a.Ended))
	}
}

// fieldOf is a delivery's field; of a kind that nobody knows it is the sender's word.
func fieldOf(d *webhook.Delivery) string {
	if d.Kind == string(meta.Unknown) {
		return "unknown"
	}
	return d.Field
}

func failed(span trace.Span, is bool) {
	if is {
		span.SetStatus(codes.Error, "")
	}
}
