package deadletters

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bauta/redis/lanes/element"
	"bauta/redis/lanes/pages"
	"bauta/webhook"
)

// Forget drops the dead letters of a customer in some conversations, of all configured
// endpoints, and returns how many there were. They stay counted as dead. Repeat it
// after an error.
func (d *DeadLetters) Forget(ctx context.Context, t *webhook.Trace) (int, error) {
	n, err := d.eachOf(ctx, t, func(id string) (bool, error) { return d.Drop(ctx, id) })
	if err != nil {
		err = fmt.Errorf("forget a customer's dead letters: %w", err)
	}
	return n, err
}

// Kept is how many Forget would drop.
func (d *DeadLetters) Kept(ctx context.Context, t *webhook.Trace) (int, error) {
	n, err := d.eachOf(ctx, t, func(string) (bool, error) { return true, nil })
	if err != nil {
		err = fmt.Errorf("count a customer's dead letters: %w", err)
	}
	return n, err
}

// eachOf visits the dead letters of a trace by their ids, and counts those of which it
// is true.
func (d *DeadLetters) eachOf(ctx context.Context, t *webhook.Trace, visit func(id string) (bool, error)) (int, error) {
	ends := slices.Clone(d.endpoints(t.Business))
	if t.Errands {
		ends = append(ends, webhook.PlatformEndpoint)
	}
	all := 0
	for _, shard := range d.names.ShardsOf(t.Conversations) {
		for _, end := range ends {
			n, err := d.towards(ctx, location{shard: shard, business: t.Business, endpoint: end}, t, visit)
			if all += n; err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

func (d *DeadLetters) towards(ctx context.Context, end location, t *webhook.Trace, visit func(id string) (bool, error)) (int, error) {
	letter := func(member string) location {
		at := end
		at.member = member
		return at
	}
	records := pages.Records{
		Set: pages.Set{Key: end.list(d.names), Name: end.id()}, Header: maxHeader,
		Key: func(member string) string { return letter(member).key(d.names) },
	}
	return pages.Walk(ctx, d.store, records, func(member, text string) (bool, error) {
		at := letter(member)
		about, err := parseLetter(text, at)
		if err != nil || !t.Holds(whose(text), about.Lane.Conversation, about.Delivery.Accepted, about.Delivery.Handle) {
			return false, nil //nolint:nilerr // what cannot be read is nobody's
		}
		return visit(at.id())
	})
}

// whose is the customer under whose key a dead letter's event is encrypted, "" if that
// is the business's, or nothing can be told.
func whose(text string) string {
	_, rest, _ := strings.Cut(text, "\n")
	_, event, _ := strings.Cut(rest, "\n")
	e, err := element.Parse(event)
	if err != nil {
		return ""
	}
	return e.Customer
}
