package webhook

import (
	"log/slog"
	"strings"

	"bauta/webhook/meta"
)

// Why an event is dropped by policy.
const (
	droppedAddressBook = "address_book"
	droppedField       = "unknown_field"
)

// admit keeps the events of known businesses that policy lets in, and counts all
// of them.
func (p *Pipeline) admit(app string, batch meta.Batch) intake {
	in := intake{app: app, view: p.Directory.View(), works: make([]work, 0, len(batch.Events)), rejects: batch.Rejects}
	for i := range batch.Events {
		e := &batch.Events[i]
		b := in.view.ByWABA(app, e.WABA)
		if b == nil {
			p.unclaimed(app, e.WABA)
			continue
		}
		p.Metrics.received(b.ID, e)
		if rawPath(e) {
			p.warnOfRawPath(b.ID, e.Field)
		}
		if reason := dropped(b, e); reason != "" {
			p.Metrics.dropped(b.ID, reason)
			in.dropped = append(in.dropped, DroppedEvent{Business: b.ID, Field: word(e.Field), Reason: reason})
			continue
		}
		w := work{event: e, business: b}
		w.dedupe, w.id = eventID(p.PRF, b.ID, e.Dedupe)
		in.works = append(in.works, w)
	}
	return in
}

// dropped names why an event goes no further, "" if it does. The address book of
// a person who reads the raw chats names people who never wrote to the business.
func dropped(b *Business, e *meta.Event) string {
	switch {
	case e.Kind == meta.StateSync:
		return droppedAddressBook
	case e.Kind == meta.Unknown && b.Unknown == DropUnknown:
		return droppedField
	}
	return ""
}

// rawPath tells an event that shows that a person reads the raw chats in the
// Business app (coexistence).
func rawPath(e *meta.Event) bool {
	return strings.HasPrefix(e.Field, "smb_") || e.Field == historyField
}

func (p *Pipeline) warnOfRawPath(business, field string) {
	p.Metrics.rawPath(business)
	if p.rawPaths.first(business) {
		p.Logger.Warn("raw_path_present: a person reads the raw chats in the Business app, whatever is hidden here",
			slog.String("business", business), slog.String("field", field))
	}
}

// TestWABA is the account of test events: no account of the platform's has that id. Such an
// event shows that the way in is in order, and nobody gets it.
const TestWABA = "0"

// unclaimed counts an event of a WABA that no business claims.
func (p *Pipeline) unclaimed(app, waba string) {
	if waba == TestWABA {
		p.Metrics.tested(app)
		p.Logger.Info("a test event came in, and is in order; nobody gets it", slog.String("app", app))
		return
	}
	p.Metrics.unknownWABA(app)
	if p.warned.first("waba\x00" + app) {
		p.Logger.Warn("an event of a WABA that no business claims was dropped; add it to a business's wabas",
			slog.String("app", app))
	}
}
