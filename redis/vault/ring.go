package vault

import (
	"context"
	"errors"
	"fmt"
	"math"

	"bauta/masking/keys"
	"bauta/redis"
)

// fixed is a ring whose keys are not rotated.
type fixed struct{ set *keys.Set }

func (f fixed) Writer(context.Context) (*keys.Set, int64, error) { return f.set, math.MaxInt64, nil }

func (f fixed) Reader(context.Context, []byte) (*keys.Set, error) { return f.set, nil }

func (f fixed) Renew(context.Context) error { return nil }

func (f fixed) Namer(context.Context) (set *keys.Set, from uint32, until int64, err error) {
	return f.set, f.set.Lookups()[0].ID, math.MaxInt64, nil
}

func (f fixed) Finder(context.Context, string) (*keys.Set, error) { return f.set, nil }

// fresh is a new data key on its way into the store.
type fresh struct {
	key     keys.Data
	wrapped []byte
	// until is the last moment at which it may be stored, by the store's clock in ms.
	until int64
}

// newKey makes a data key for a business's customer, or for the business itself.
func (v *Vault) newKey(ctx context.Context, business, customer string) (fresh, error) {
	set, until, err := v.ring.Writer(ctx)
	if err != nil {
		return fresh{}, err
	}
	key, wrapped, err := set.NewDataKey(associated(business, "key", customer))
	if err != nil {
		return fresh{}, fmt.Errorf("make a data key: %w", err)
	}
	return fresh{key, wrapped, until}, nil
}

// unwrap reads a wrapped data key. errGone: nobody can, any more. Another error: it is
// not known whether anybody can.
func (v *Vault) unwrap(ctx context.Context, wrapped, business, customer string) (keys.Data, error) {
	set, err := v.ring.Reader(ctx, []byte(wrapped))
	if err != nil {
		return keys.Data{}, err
	}
	key, err := set.UnwrapDataKey([]byte(wrapped), associated(business, "key", customer))
	if err != nil {
		return keys.Data{}, errGone
	}
	return key, nil
}

// errLate: the right to write under the keys of then ran out on the way.
var errLate = fmt.Errorf("%w: the key was replaced meanwhile", redis.ErrUnavailable)

// inTime runs a step that stores a data key or an entry of the index, once more if it
// came too late.
func (v *Vault) inTime(ctx context.Context, step func() error) error {
	err := step()
	if !errors.Is(err, errLate) {
		return err
	}
	if err := v.ring.Renew(ctx); err != nil {
		return err
	}
	return step()
}
