package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// redirects bounds how often a call follows a slot on its way through a cluster.
const redirects = 3

// elsewhere is the answer of a cluster's node that another one has to be asked: for
// good, or this time only (ask). The command did not run, so sending it there is no
// repetition. It wraps ErrUnavailable, which it is for whoever does not follow.
type elsewhere struct {
	address string
	ask     bool
}

func (e *elsewhere) Error() string {
	code := "MOVED"
	if e.ask {
		code = "ASK"
	}
	return fmt.Sprintf("%v: %s", ErrUnavailable, code)
}

func (e *elsewhere) Unwrap() error { return ErrUnavailable }

// redirected reads such an answer; nil for any other, and for one that names no host.
func redirected(err error) error {
	address, moved := goredis.IsMovedError(err)
	asked, ask := goredis.IsAskError(err)
	if ask {
		address = asked
	}
	if !moved && !ask || strings.HasPrefix(address, ":") {
		return nil
	}
	return &elsewhere{address: address, ask: ask}
}

// detours are connections to the nodes that such answers name. They are apart from the
// client's own, which knows nodes with slots only: the first slot of a new node would
// lead nowhere. Safe for concurrent use.
type detours struct {
	// to are the options of a client of the node at an address.
	to func(address string) *goredis.Client

	mu   sync.Mutex
	open map[string]*goredis.Client
}

func (d *detours) client(address string) *goredis.Client {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[address] == nil {
		d.open[address] = d.to(address)
	}
	return d.open[address]
}

func (d *detours) Close() error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for address, c := range d.open {
		errs = append(errs, c.Close())
		delete(d.open, address)
	}
	return errors.Join(errs...)
}

// followed replaces results by what the nodes say that these name. What is still on its
// way after some steps stays unavailable, as does what two nodes have a part of each
// (TRYAGAIN): whoever called tries later.
func (s *Store) followed(ctx context.Context, calls []Call, out []Result, m manner) []Result {
	if s.detours == nil {
		return out // one server has nowhere to lead to
	}
	for range redirects {
		ways := map[elsewhere][]int{}
		for i, r := range out {
			if e, ok := errors.AsType[*elsewhere](r.Err); ok {
				ways[*e] = append(ways[*e], i)
			}
		}
		if len(ways) == 0 {
			return out
		}
		s.relearn(ctx, out)
		divide(calls, out, ways, func(way elsewhere, part []Call) []Result {
			here := m
			here.asking = way.ask
			return at(ctx, s.detours.client(way.address), part, here)
		})
	}
	return out
}
