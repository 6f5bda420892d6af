package vault

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"bauta/masking"
	"bauta/redis"
	"bauta/webhook"
)

// maxMerges bounds how far a merged record is followed.
const maxMerges = 8

// ref names a record.
type ref struct{ business, id string }

// records are what one call has read; nil is a record that is gone.
type records map[ref]*webhook.Customer

// unreadable are records that are there and cannot be read: webhook.ErrUnreadable.
type unreadable []ref

func (u unreadable) Error() string { return webhook.ErrUnreadable.Error() }

func (u unreadable) Unwrap() error { return webhook.ErrUnreadable }

// load reads the records that are not there yet, in one pipeline, and how long those
// live of which it is not known here that they began anew of late. An unreadable is the
// error once all others are read.
func (v *Vault) load(ctx context.Context, refs []ref, into records) error {
	var calls, lives []redis.Call
	var asked []ref
	unsure := map[int]int{}
	for _, r := range refs {
		if _, done := into[r]; done {
			continue
		}
		into[r] = nil
		key := v.store.Keys().Customer(r.business, r.id)
		if !v.renewed(r) {
			unsure[len(asked)] = len(lives)
			lives = append(lives, redis.Command("PTTL", key))
		}
		asked = append(asked, r)
		calls = append(calls, redis.Command("HMGET", key, "k", "v", "r", "i"))
	}
	var lost unreadable
	results := v.store.Pipeline(ctx, append(calls, lives...))
	for i, result := range results[:len(calls)] {
		fields, err := result.List()
		if err != nil {
			return err
		}
		c, err := v.decode(ctx, asked[i], fields)
		switch {
		case errors.Is(err, webhook.ErrUnreadable):
			v.store.Logger().ErrorContext(ctx, "a customer's record cannot be read: the events that name them are held; put the record back from a copy of the store, and release them (bauta held release)",
				slog.String("business", asked[i].business), slog.String("error", err.Error()))
			lost = append(lost, asked[i])
		case err != nil:
			return err
		}
		if at, is := unsure[i]; is && c != nil {
			v.lived(c, results[len(calls)+at])
		}
		into[asked[i]] = c
	}
	if lost != nil {
		return lost
	}
	return nil
}

// decode reads a record's fields: nil without an error for one that is gone.
func (v *Vault) decode(ctx context.Context, r ref, fields []any) (*webhook.Customer, error) {
	if len(fields) != 4 || fields[0] == nil || fields[2] == nil {
		return nil, nil //nolint:nilnil // gone is an answer here
	}
	wrapped, _ := fields[0].(string)
	sealed, _ := fields[2].(string)
	number, _ := fields[1].(string)
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil || version < 1 {
		return nil, fmt.Errorf("%w: its version is no number", webhook.ErrUnreadable)
	}
	key, err := v.unwrap(ctx, wrapped, r.business, r.id)
	if err != nil && !errors.Is(err, errGone) {
		return nil, err
	}
	if err == nil {
		var c *webhook.Customer
		if c, err = open(r.business, r.id, []byte(sealed), key); err == nil {
			c.Version = version
			v.inbound(c, fields[3])
			return c, nil
		}
	}
	if errors.Is(err, errRecord) {
		return nil, err
	}
	v.store.Logger().WarnContext(ctx, "a customer's record cannot be decrypted: the customer counts as forgotten and starts hidden",
		slog.String("business", r.business))
	return nil, nil //nolint:nilnil // see above
}

// follow reads the records that merged ones lead to.
func (v *Vault) follow(ctx context.Context, known records) error {
	var lost unreadable
	for range maxMerges {
		var next []ref
		for r, c := range known {
			if c == nil || c.MergedInto == "" {
				continue
			}
			target := ref{r.business, c.MergedInto}
			if _, done := known[target]; !done {
				next = append(next, target)
			}
		}
		if len(next) == 0 {
			break
		}
		var more unreadable
		if err := v.load(ctx, next, known); err != nil && !errors.As(err, &more) {
			return err
		}
		lost = append(lost, more...)
	}
	if lost != nil {
		return lost
	}
	return nil
}

// end is the record that a merged one became part of; nil if that is gone.
func (r records) end(at ref) *webhook.Customer {
	c := r[r.last(at)]
	if c != nil && c.MergedInto != "" {
		return nil
	}
	return c
}

// last is where a merged record leads in the end.
func (r records) last(at ref) ref {
	for range maxMerges {
		c := r[at]
		if c == nil || c.MergedInto == "" {
			return at
		}
		at.id = c.MergedInto
	}
	return at
}

// owner is the customer that an index entry leads to: nil if the record, or the
// one it was merged into, is gone or says that the identity is not theirs.
func (r records) owner(at ref, i masking.Identity) *webhook.Customer {
	if c := r.end(at); c != nil && claims(c, i) {
		return c
	}
	return nil
}
