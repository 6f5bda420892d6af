package webhook

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bauta/masking"
	"bauta/masking/leak"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

// staleTries bounds how often a body is worked through again because another
// node changed one of its customers meanwhile.
const staleTries = 5

// Options are what a Pipeline needs; every field but Courier, Consents and Windows is
// required.
type Options struct {
	Directory *Directory
	Catalogue *meta.Catalogue
	Rewriter  *masking.Rewriter
	IDs       IDMasks
	Minter    Minter
	PRF       PRF
	Vault     Vault
	Forms     Forms
	Rolls     Rolls
	Presence  Presence
	Watershed Watershed
	Keys      BusinessKeys
	Decider   Decider
	Queue     Queue
	Holder    Holder
	// Tokens tells the tokens on Bauta's buttons from other payloads.
	Tokens *sharing.Tokens
	// Consents and Windows take in what customers decide. Nil, both: nothing is decided
	// and nobody is asked, for whoever only wants to see what would be delivered.
	Consents *Consents
	Windows  Windows
	// Gate tells whether there is room for a business's events. Nil: there is.
	Gate Gate
	// Courier is offered lanes that were idle. Nil: only Prepare is used.
	Courier Courier
	Metrics *Metrics
	Logger  *slog.Logger
	Now     func() time.Time
	// Trace keeps what was decided for each event, and where in it something was masked
	// (Prepared.Decisions), and, without Consents, what it would decide (Explained.Act).
	Trace bool
}

// Pipeline takes signed bodies in and stores what they hold: split, recall,
// decide, mask, prove, store. Safe for concurrent use.
type Pipeline struct {
	Options

	proofs           *leak.Pool
	opaque           map[string]bool
	warned, rawPaths *onceEach
}

// NewPipeline checks that nothing is missing.
func NewPipeline(o Options) (*Pipeline, error) {
	for _, need := range []struct {
		name string
		has  bool
	}{
		{"Directory", o.Directory != nil},
		{"Catalogue", o.Catalogue != nil},
		{"Rewriter", o.Rewriter != nil},
		{"IDs", o.IDs != nil},
		{"Minter", o.Minter != nil},
		{"PRF", o.PRF != nil},
		{"Vault", o.Vault != nil},
		{"Forms", o.Forms != nil},
		{"Rolls", o.Rolls != nil},
		{"Presence", o.Presence != nil},
		{"Watershed", o.Watershed != nil},
		{"Keys", o.Keys != nil},
		{"Decider", o.Decider != nil},
		{"Queue", o.Queue != nil},
		{"Holder", o.Holder != nil},
		{"Tokens", o.Tokens != nil},
		{"Windows", o.Windows != nil || o.Consents == nil},
		{"Metrics", o.Metrics != nil},
		{"Logger", o.Logger != nil},
		{"Now", o.Now != nil},
	} {
		if !need.has {
			return nil, fmt.Errorf("webhook.NewPipeline: Options.%s is missing", need.name)
		}
	}
	o.Metrics.Begin(o.Directory.All())
	return &Pipeline{
		Options: o, proofs: leak.NewPool(), opaque: o.Catalogue.Opaque(), warned: newOnceEach(), rawPaths: newOnceEach(),
	}, nil
}

// Accept works a body through and stores every event of it. After nil, all of
// it is stored; after an error the platform has to send the body again, which
// is safe: what was stored is recognised.
func (p *Pipeline) Accept(ctx context.Context, app string, body []byte) error {
	prepared, err := p.Prepare(ctx, app, body)
	if err != nil {
		return err
	}
	return p.Store(ctx, prepared)
}

// Warnings are what an operator should know of, for /readyz; a closed set but for
// the businesses' own ids.
func (p *Pipeline) Warnings() []string {
	var out []string
	for _, id := range p.rawPaths.all() {
		out = append(out, "raw_path_present: "+id)
	}
	return out
}

// Prepared is a body worked through, nothing of it queued yet.
type Prepared struct {
	Items []Item
	Held  []HeldEvent
	// Dropped and, with Options.Trace, Decisions are for whoever explains.
	Decisions []Explained
	Dropped   []DroppedEvent

	// brought are, by customer, what is due and among the items; nil: nothing is.
	brought map[*Customer][]string
}

// Prepare splits, recalls, decides, masks and proves. Customers, links and
// decisions are stored by it (a first contact stays one); events are not.
func (p *Pipeline) Prepare(ctx context.Context, app string, body []byte) (*Prepared, error) {
	batch, err := p.Catalogue.Split(body)
	if err != nil {
		return nil, fmt.Errorf("split a body: %w", err)
	}
	in := p.admit(app, batch)
	if err := p.room(in); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		prepared, err := p.prepare(ctx, in)
		if err == nil {
			return prepared, nil
		}
		if !errors.Is(err, ErrStale) && !errors.Is(err, ErrHandleTaken) || try == staleTries {
			return nil, fmt.Errorf("prepare events: %w", err)
		}
	}
}

// room asks the gate, before anything is read or written: the platform gets one answer
// for a whole body.
func (p *Pipeline) room(in intake) error {
	if p.Gate == nil {
		return nil
	}
	last := ""
	for i := range in.works {
		if b := in.works[i].business.ID; b != last {
			if err := p.Gate.Admit(b); err != nil {
				return fmt.Errorf("take events in: %w", err)
			}
			last = b
		}
	}
	if last == "" {
		return p.Gate.Admit("")
	}
	return nil
}

// Store appends the items to their lanes, holds what has to be held, and
// offers idle lanes to the courier.
func (p *Pipeline) Store(ctx context.Context, prepared *Prepared) error {
	for i := range prepared.Held {
		h := &prepared.Held[i]
		stored, err := p.Holder.Hold(ctx, *h)
		if err != nil {
			return fmt.Errorf("hold an event: %w", err)
		}
		p.Metrics.held(h, stored)
	}
	if len(prepared.Items) == 0 {
		return nil
	}
	appended, err := p.Queue.Append(ctx, prepared.Items)
	// After an error some items are stored all the same: their lanes go on now,
	// not only when the leases end.
	offer(p.Courier, prepared.Items, appended)
	if err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	for i, a := range appended {
		p.Metrics.stored(&prepared.Items[i], a.Duplicate)
	}
	for c, ids := range prepared.brought {
		p.Consents.clear(ctx, c, ids)
	}
	return nil
}

// eventID is the dedupe number and the stable delivery id of an event.
func eventID(prf PRF, business string, parts []string) (dedupe uint64, id string) {
	sum := prf.PRF("event", append(append(make([]string, 0, 1+len(parts)), business), parts...)...)
	// Redis keeps sets of 64-bit signed integers compactly.
	return binary.BigEndian.Uint64(sum[:8]) >> 1, "evt_" + hex.EncodeToString(sum[8:24])
}
