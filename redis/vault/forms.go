package vault

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// Remember keeps which envelope the platform used for messages of a customer,
// where it cannot be derived. Entries live between one and two periods of
// retention.messages; without a period, for ever. The first message from the
// business fixes Sent in the record, and nothing is kept for it.
func (v *Vault) Remember(ctx context.Context, c *webhook.Customer, forms []webhook.Form) error {
	forms, err := v.fix(ctx, c, forms)
	if err != nil || len(forms) == 0 {
		return err
	}
	epoch, end := v.epoch(c.Business)
	args := make([]any, 0, 1+2*len(forms))
	args = append(args, strconv.FormatInt(end, 10))
	for _, f := range forms {
		args = append(args, v.stanza(c, f.Stanza), f.Tag)
	}
	return v.store.Do(ctx, v.scripts.forms.Call([]string{v.store.Keys().Forms(c.Business, c.ID, epoch)}, args...)).Err
}

// fix makes the first form's envelope that may become it the usual one of the
// business's messages, and returns the forms that are to be kept all the same: every
// one if another writer was faster.
func (v *Vault) fix(ctx context.Context, c *webhook.Customer, forms []webhook.Form) ([]webhook.Form, error) {
	first := slices.IndexFunc(forms, func(f webhook.Form) bool { return !f.Usual.IsZero() })
	if first < 0 || !c.SentOpen || c.MergedInto != "" || c.Version < 1 {
		return forms, nil
	}
	fixed := *c
	fixed.Sent, fixed.SentOpen = forms[first].Usual, false
	switch err := v.compare(ctx, &fixed, unseen); {
	case errors.Is(err, webhook.ErrStale):
		return forms, nil
	case err != nil:
		return nil, err
	}
	c.Sent, c.SentOpen, c.Version = fixed.Sent, false, fixed.Version
	var rest []webhook.Form
	for _, f := range forms {
		if f.Usual != c.Sent {
			rest = append(rest, f)
		}
	}
	return rest, nil
}

// Form returns what Remember kept for a message; false if nothing was, or no
// longer.
func (v *Vault) Form(ctx context.Context, c *webhook.Customer, stanza string) (tag string, ok bool, err error) {
	epoch, _ := v.epoch(c.Business)
	field := v.stanza(c, stanza)
	var calls []redis.Call
	for _, e := range []int64{epoch, epoch - 1} {
		calls = append(calls, redis.Command("HGET", v.store.Keys().Forms(c.Business, c.ID, e), field))
	}
	for _, r := range v.store.Pipeline(ctx, calls) {
		if tag, ok, err = r.Text(); err != nil || ok {
			return tag, ok, err
		}
	}
	return "", false, nil
}

// epoch is the present one, and when its entries are no longer read, in Unix ms.
func (v *Vault) epoch(business string) (number, end int64) {
	length := v.retention(business).Messages.Truncate(time.Millisecond).Milliseconds()
	if length <= 0 {
		return 0, 0
	}
	number = v.now().UnixMilli() / length
	return number, (number + 2) * length
}

// stanza names a message within its customer: 8 bytes of keyed PRF.
func (v *Vault) stanza(c *webhook.Customer, stanza string) string {
	sum := v.keys.PRF("envelope form", c.Business, c.ID, stanza)
	return string(sum[:8])
}
