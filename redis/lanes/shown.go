package lanes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// Recipient is an endpoint that got a customer's number because they shared it.
type Recipient struct {
	Endpoint string
	// First and Last are when deliveries that carried it were confirmed.
	First, Last time.Time
	// Count is how many there were.
	Count int64
}

// Shown tells which endpoints got the number of a trace's customers in its
// conversations, by their names.
func (l *Lanes) Shown(ctx context.Context, t *webhook.Trace) ([]Recipient, error) {
	var calls []redis.Call
	for _, c := range t.Conversations {
		for _, customer := range t.Customers {
			calls = append(calls, redis.Command("HGETALL", l.names.Shown(t.Business, customer, c)))
		}
	}
	found := map[string]Recipient{}
	for _, r := range l.store.Pipeline(ctx, calls) {
		fields, err := r.List()
		if err != nil {
			return nil, fmt.Errorf("read who got a customer's number: %w", err)
		}
		for i := 0; i+1 < len(fields); i += 2 {
			end, _ := fields[i].(string)
			text, _ := fields[i+1].(string)
			found[end] = found[end].and(text)
		}
	}
	out := make([]Recipient, 0, len(found))
	for end, r := range found {
		r.Endpoint = end
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Recipient) int { return strings.Compare(a.Endpoint, b.Endpoint) })
	return out, nil
}

// and adds what is kept of one conversation. What cannot be read adds nothing.
func (r Recipient) and(text string) Recipient {
	var first, last, count int64
	if _, err := fmt.Sscanf(text, "%d %d %d", &first, &last, &count); err != nil {
		return r
	}
	from, to := time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
	if r.Count == 0 || from.Before(r.First) {
		r.First = from
	}
	if to.After(r.Last) {
		r.Last = to
	}
	r.Count += count
	return r
}
