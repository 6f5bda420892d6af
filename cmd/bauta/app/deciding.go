package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bauta/masking/sharing"
	"bauta/redis/audit"
	"bauta/redis/deadletters"
	"bauta/redis/erasures"
	"bauta/redis/ledger"
	"bauta/webhook"
	"bauta/webhook/errand"
	"bauta/webhook/manage"
)

// deciding is what carries out, and keeps, what customers decide.
type deciding struct {
	buttons *sharing.Tokens
	signer  *sharing.Signer
	ledger  *ledger.Ledger
	// lines is the ledger for whoever reads much of it.
	lines    *ledger.Ledger
	audit    *audit.Log
	pace     *errand.Pace
	letters  *deadletters.DeadLetters
	consents *webhook.Consents
}

func newDeciding(k *core) (*deciding, error) {
	d := &deciding{buttons: sharing.NewTokens(k.keys), signer: sharing.NewSigner(k.keys), pace: errand.NewPace(time.Now)}
	d.ledger = ledger.New(ledger.Options{Store: k.store, Keys: k.vault, Signer: d.signer, PRF: k.keys, Entered: func(b string, l *sharing.Line) {
		k.figures.Count(webhook.Figure{Business: b, Kind: webhook.FigureSharing, What: string(l.Type)})
	}})
	d.lines = ledger.New(ledger.Options{Store: k.store.Bulk(), Keys: k.vault, Signer: d.signer, PRF: k.keys})
	d.audit = audit.New(audit.Options{
		Store: k.store, Keys: k.vault, Retention: func(b string) time.Duration { return k.retention(b).Audit },
	})
	d.letters = deadletters.New(deadletters.Options{Store: k.store, Endpoints: k.endpointIDs})
	var err error
	d.consents, err = webhook.NewConsents(webhook.ConsentOptions{
		Records: k.vault, Handles: k.vault, Ledger: d.ledger, Queue: k.lanes, Rolls: k.rolls, PRF: k.keys, Minter: k.handles,
		Metrics: k.metrics, Logger: k.logger, Now: time.Now,
		Erasing: webhook.Erasing{
			Vault: k.vault, Erasures: erasures.New(k.store, k.vault), Keys: k.vault, Traces: []webhook.Traces{k.lanes, k.held, d.letters, k.lanes}, // what is replayed meanwhile lies in lanes again
			ContactBook: errand.ContactBook{Platform: k.platform, AccessToken: k.accessToken},
			Audit:       d.audit, Dumps: k.dumps,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("build what carries out decisions: %w", err)
	}
	return d, nil
}

// runner runs errands.
func (k *core) runner() (*errand.Runner, error) {
	r, err := errand.New(errand.Options{
		Businesses: k.directory, AccessToken: k.accessToken, Records: k.vault, Consents: k.deciding.consents,
		Audit: k.deciding.audit, Tokens: k.deciding.buttons, Platform: k.platform, Pace: k.deciding.pace,
		Registerer: k.registry, Logger: k.logger, Now: time.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("build the runner of errands: %w", err)
	}
	return r, nil
}

// ledgerLines reads the consent ledger for the management API.
type ledgerLines struct{ *ledger.Ledger }

// Page implements manage.Consents.
func (l ledgerLines) Page(ctx context.Context, business string, after int64, limit int) ([]manage.Line, error) {
	entries, err := l.Ledger.Page(ctx, business, after, limit)
	lines := make([]manage.Line, len(entries))
	for i, e := range entries {
		lines[i] = manage.Line{Seq: e.Seq, Raw: e.Raw}
	}
	return lines, err
}

// auditLines reads the audit log for it.
type auditLines struct{ *audit.Log }

// Page implements manage.Audit.
func (l auditLines) Page(ctx context.Context, business, after string, limit int) ([]manage.Reversal, error) {
	entries, err := l.Log.Page(ctx, business, after, limit)
	if errors.Is(err, audit.ErrCursor) {
		return nil, manage.ErrCursor
	}
	lines := make([]manage.Reversal, len(entries))
	for i, e := range entries {
		lines[i] = manage.Reversal{Reversal: e.Reversal, Cursor: e.Cursor}
	}
	return lines, err
}
