package reply_test

import (
	"context"
	"sync"

	"bauta/webhook"
)

// decided takes note of what a handler says of requests, reversals and pace.
type decided struct {
	mu        sync.Mutex
	worded    []string
	sent      []string
	failed    []webhook.Failure
	reversals []webhook.Reversal
	spoke     []string
	// refuse is what Worded answers, unaudited what Note does.
	refuse, unaudited error
}

func (d *decided) Worded(_ context.Context, _ *webhook.Business, key, hash string) (webhook.Errand, *webhook.Customer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.worded = append(d.worded, key+" "+hash)
	return webhook.Errand{Kind: webhook.ErrandQuestion, Question: "AAAAAAAAAAAAAAAA"}, &webhook.Customer{ID: "c"}, d.refuse
}

func (d *decided) Sent(_ context.Context, _ *webhook.Business, _ *webhook.Customer, told webhook.Told) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, told.Stanza)
	return nil
}

func (d *decided) Failed(_ context.Context, _ *webhook.Business, _ *webhook.Customer, _ webhook.Errand, why webhook.Failure) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = append(d.failed, why)
	return nil
}

func (d *decided) Note(_ context.Context, reversals []webhook.Reversal) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reversals = append(d.reversals, reversals...)
	return d.unaudited
}

func (d *decided) Spoke(business, customer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.spoke = append(d.spoke, business+" "+customer)
}
