package deadletters

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bauta/redis"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/pages"
	"bauta/webhook"
)

// forgetPage is how many dead letters are looked at in one round trip.
const forgetPage = 128

// Forget drops a customer's dead letters in the customer's own shard, of all
// configured endpoints and of the platform's, and returns how many there were. They
// stay counted as dead. Those of groups that lie in other shards stay until their time
// is over: they are unreadable once the customer's key is gone. Repeat it after an
// error.
func (d *DeadLetters) Forget(ctx context.Context, business, customer string) (int, error) {
	n, err := d.eachOf(ctx, business, customer, func(id string) (bool, error) { return d.Drop(ctx, id) })
	if err != nil {
		err = fmt.Errorf("forget a customer's dead letters: %w", err)
	}
	return n, err
}

// Kept is how many Forget would drop.
func (d *DeadLetters) Kept(ctx context.Context, business, customer string) (int, error) {
	n, err := d.eachOf(ctx, business, customer, func(string) (bool, error) { return true, nil })
	if err != nil {
		err = fmt.Errorf("count a customer's dead letters: %w", err)
	}
	return n, err
}

// eachOf visits the customer's dead letters by their ids, and counts those of which it
// is true.
func (d *DeadLetters) eachOf(ctx context.Context, business, customer string, visit func(id string) (bool, error)) (int, error) {
	all := 0
	for _, end := range append(slices.Clone(d.endpoints(business)), webhook.PlatformEndpoint) {
		n, err := d.towards(ctx, location{shard: d.names.Of(customer), business: business, endpoint: end}, customer, visit)
		if all += n; err != nil {
			return all, err
		}
	}
	return all, nil
}

func (d *DeadLetters) towards(ctx context.Context, end location, customer string, visit func(id string) (bool, error)) (int, error) {
	sets := []pages.Set{{Key: end.list(d.names), Name: end.id()}}
	all := 0
	for cursor := ""; ; {
		found, next, err := pages.Read(ctx, d.store, sets, pages.Span{}, pages.Position{Cursor: cursor, Limit: forgetPage})
		if err != nil {
			return all, err
		}
		theirs, err := d.theirs(ctx, end, customer, found)
		if err != nil {
			return all, err
		}
		for _, letter := range theirs {
			counts, err := visit(letter.id())
			if err != nil {
				return all, err
			}
			if counts {
				all++
			}
		}
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

// theirs are those dead letters that are encrypted under a customer's key.
func (d *DeadLetters) theirs(ctx context.Context, end location, customer string, found []pages.Entry) ([]location, error) {
	calls := make([]redis.Call, len(found))
	at := make([]location, len(found))
	for i, e := range found {
		at[i] = end
		at[i].member = e.Member
		calls[i] = redis.Command("GETRANGE", at[i].key(d.names), 0, maxHeader-1)
	}
	var out []location
	for i, r := range d.store.Pipeline(ctx, calls) {
		text, _, err := r.Text()
		if err != nil {
			return nil, err
		}
		if whose(text) == customer {
			out = append(out, at[i])
		}
	}
	return out, nil
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
