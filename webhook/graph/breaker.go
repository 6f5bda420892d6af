package graph

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/sony/gobreaker/v2"
)

// A breaker opens when at least half of 5 or more calls within two minutes failed,
// and lets one call through after 15 s. Two minutes, so that 5 calls of a quiet
// number that get no answer (15 s each) are among them.
const (
	breakerWindow = 2 * time.Minute
	breakerBucket = 20 * time.Second
	breakerOpen   = 15 * time.Second
	breakerCalls  = 5
)

// maxBreakers bounds the objects whose failures are remembered.
const maxBreakers = 4096

func breakerSettings() gobreaker.Settings {
	return gobreaker.Settings{
		Name: "graph", MaxRequests: 1, Interval: breakerWindow, BucketPeriod: breakerBucket, Timeout: breakerOpen,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			valid := n.Requests - min(n.TotalExclusions, n.Requests)
			return valid >= breakerCalls && 2*n.TotalFailures >= valid
		},
	}
}

// breakers holds one breaker for each object that failed of late. An object that
// never failed has none: so many ids, working ones of a business that looks up
// medium after medium, take no memory and push no open breaker out.
type breakers struct {
	mu      sync.Mutex // orders the making of new ones
	failing *lru.Cache[string, *breaker]
}

type breaker struct {
	steps  *gobreaker.TwoStepCircuitBreaker[struct{}]
	opened atomic.Int64 // Unix ns
}

// verdict is how a breaker sees the end of a call. Its zero value is a failure.
type verdict uint8

const (
	failed verdict = iota
	worked
	// unjudged: it says nothing of the platform.
	unjudged
)

// What gobreaker is told; nil for a call that worked.
var (
	errFailed   = errors.New("graph: the call failed")
	errUnjudged = errors.New("graph: the call says nothing")
)

func (v verdict) err() error {
	switch v {
	case worked:
		return nil
	case unjudged:
		return errUnjudged
	case failed:
	}
	return errFailed
}

func newBreakers() *breakers {
	cache, err := lru.New[string, *breaker](maxBreakers)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	return &breakers{failing: cache}
}

func newBreaker() *breaker {
	b := &breaker{}
	s := breakerSettings()
	s.IsExcluded = func(err error) bool { return errors.Is(err, errUnjudged) }
	s.OnStateChange = func(_ string, _, to gobreaker.State) {
		if to == gobreaker.StateOpen {
			b.opened.Store(time.Now().UnixNano())
		}
	}
	b.steps = gobreaker.NewTwoStepCircuitBreaker[struct{}](s)
	return b
}

// allow asks for one call; done must be called with how it ended. The error is
// nil or a BreakerOpen.
func (b *breakers) allow(key string) (done func(verdict), refused *Error) {
	if known, ok := b.failing.Get(key); ok {
		return known.allow()
	}
	return func(v verdict) {
		if v != failed {
			return
		}
		if end, open := b.of(key).allow(); open == nil {
			end(v)
		}
	}, nil
}

// ready tells whether an object's breaker would allow a call.
func (b *breakers) ready(key string) bool {
	known, ok := b.failing.Peek(key)
	return !ok || known.steps.State() != gobreaker.StateOpen
}

// of returns the breaker of an object, made if there is none.
func (b *breakers) of(key string) *breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, ok := b.failing.Get(key)
	if !ok {
		known = newBreaker()
		b.failing.Add(key, known)
	}
	return known
}

func (b *breaker) allow() (done func(verdict), refused *Error) {
	end, err := b.steps.Allow()
	if err != nil {
		left := time.Until(time.Unix(0, b.opened.Load()).Add(breakerOpen))
		return nil, &Error{Kind: BreakerOpen, RetryAfter: max(left, time.Second), cause: err}
	}
	return func(v verdict) { end(v.err()) }, nil
}

// states counts the breakers that are open, and those that let one call through.
func (b *breakers) states() (open, half int) {
	for _, one := range b.failing.Values() {
		switch one.steps.State() {
		case gobreaker.StateOpen:
			open++
		case gobreaker.StateHalfOpen:
			half++
		case gobreaker.StateClosed:
		}
	}
	return open, half
}
