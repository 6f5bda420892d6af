package ads

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/singleflight"
)

// Details is what the Marketing API says of an ad. The zero value is an ad that
// nobody knows.
type Details struct {
	// Known: the ad exists, and the business's token can see it.
	Known       bool   `json:"known"`
	Campaign    string `json:"campaign,omitempty"`
	Account     string `json:"account,omitempty"`
	AdSet       string `json:"adset,omitempty"`
	Destination string `json:"destination,omitempty"`
	Status      string `json:"status,omitempty"`
}

// Lookup asks the platform about an ad with a business's token. An ad that does
// not exist, or is another's, is no error: Known is false then. It must heed the
// context and be safe for concurrent use.
type Lookup interface {
	Ad(ctx context.Context, business, id string) (Details, error)
}

// Cache keeps answers by business and ad. Get returns false for what it does not
// have. Errors cost a look-up and nothing else. Safe for concurrent use.
type Cache interface {
	Get(ctx context.Context, business, ad string) ([]byte, bool, error)
	Put(ctx context.Context, business, ad string, value []byte, ttl time.Duration) error
}

const (
	// lookupBound is how long a decision waits, cache and platform together.
	lookupBound = 2 * time.Second
	// keepKnown and keepUnknown: ids do not change, statuses do; an unknown ad
	// may be shared with the business at any time.
	keepKnown   = time.Hour
	keepUnknown = 5 * time.Minute
	// A business's look-ups pause for pause when at least half of 5 or more
	// within a minute failed.
	window, bucket, pause = time.Minute, 10 * time.Second, 15 * time.Second
	breakerCalls          = 5
)

// finder answers what an ad is, one question a business and ad at a time.
type finder struct {
	lookup  Lookup
	cache   Cache
	flights singleflight.Group

	mu       sync.Mutex
	breakers map[string]*gobreaker.CircuitBreaker[Details]
}

func newFinder(l Lookup, c Cache) *finder {
	return &finder{lookup: l, cache: c, breakers: make(map[string]*gobreaker.CircuitBreaker[Details])}
}

// find returns an ad's details, or why there are none.
func (f *finder) find(ctx context.Context, business, id string) (Details, reason) {
	if f.lookup == nil || id == "" {
		return Details{}, reasonAdUnknown
	}
	// The flight outlives the caller that started it: others wait for it too.
	flight := f.flights.DoChan(business+"\x00"+id, func() (any, error) {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupBound)
		defer cancel()
		return f.ask(within, business, id)
	})
	wait, cancel := context.WithTimeout(ctx, lookupBound)
	defer cancel()
	select {
	case <-wait.Done():
		return Details{}, reasonLookupFailed
	case answer := <-flight:
		d, ok := answer.Val.(Details)
		switch {
		case errors.Is(answer.Err, gobreaker.ErrOpenState), errors.Is(answer.Err, gobreaker.ErrTooManyRequests):
			return Details{}, reasonLookupPaused
		case answer.Err != nil || !ok:
			return Details{}, reasonLookupFailed
		case !d.Known:
			return Details{}, reasonAdUnknown
		}
		return d, ""
	}
}

// ask goes to the cache, and then to the platform behind the breaker.
func (f *finder) ask(ctx context.Context, business, id string) (Details, error) {
	if d, ok := f.cached(ctx, business, id); ok {
		return d, nil
	}
	d, err := f.breaker(business).Execute(func() (Details, error) { return f.lookup.Ad(ctx, business, id) })
	if err != nil {
		return Details{}, err
	}
	if f.cache == nil {
		return d, nil
	}
	keep := keepUnknown
	if d.Known {
		keep = keepKnown
	} else {
		d = Details{}
	}
	if value, err := json.Marshal(d); err == nil {
		_ = f.cache.Put(ctx, business, id, value, keep) // the answer is good without it
	}
	return d, nil
}

func (f *finder) cached(ctx context.Context, business, id string) (Details, bool) {
	if f.cache == nil {
		return Details{}, false
	}
	value, ok, err := f.cache.Get(ctx, business, id)
	if err != nil || !ok {
		return Details{}, false
	}
	var d Details
	if json.Unmarshal(value, &d) != nil {
		return Details{}, false
	}
	return d, true
}

// breaker returns a business's own: its token's failures are not another's.
// There are as many as businesses with rules that look ads up.
func (f *finder) breaker(business string) *gobreaker.CircuitBreaker[Details] {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.breakers[business]
	if b == nil {
		b = gobreaker.NewCircuitBreaker[Details](gobreaker.Settings{
			Name: business, MaxRequests: 1, Interval: window, BucketPeriod: bucket, Timeout: pause,
			ReadyToTrip: func(n gobreaker.Counts) bool {
				return n.Requests >= breakerCalls && 2*n.TotalFailures >= n.Requests
			},
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
		})
		f.breakers[business] = b
	}
	return b
}
