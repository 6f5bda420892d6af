package access

import (
	"net/netip"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"bauta/webhook"
)

// What holds where Limits says nothing.
const (
	tokenRate, tokenBurst   = 200, 400
	sourceRate, sourceBurst = 1, 10
	remembered              = 10_000
)

// Limits of a Limiter. Zero values are the defaults.
type Limits struct {
	// TokenRate is how many calls a second one token may make (200), TokenBurst how
	// many at once after a pause (400).
	TokenRate  float64
	TokenBurst int
	// SourceRate is how many wrong tokens a second one address may try (1),
	// SourceBurst how many at once after a pause (10). Right ones cost nothing.
	SourceRate  float64
	SourceBurst int
	// Remembered is how many tokens, and how many addresses, are counted at the same
	// time (10000 each, some 200 bytes). Beyond, the longest unused is forgiven.
	Remembered int
	// Now is time.Now if nil.
	Now func() time.Time
}

func (l Limits) withDefaults() Limits {
	if l.TokenRate <= 0 {
		l.TokenRate = tokenRate
	}
	if l.TokenBurst <= 0 {
		l.TokenBurst = tokenBurst
	}
	if l.SourceRate <= 0 {
		l.SourceRate = sourceRate
	}
	if l.SourceBurst <= 0 {
		l.SourceBurst = sourceBurst
	}
	if l.Remembered <= 0 {
		l.Remembered = remembered
	}
	if l.Now == nil {
		l.Now = time.Now
	}
	return l
}

// Limiter counts the calls of each token and the wrong tokens of each address, on
// this node: token buckets in bounded memory. Safe for concurrent use.
type Limiter struct {
	limits  Limits
	calls   atomic.Pointer[allowance]
	tokens  *lru.Cache[string, *rate.Limiter]
	sources *lru.Cache[netip.Prefix, *rate.Limiter]
}

// allowance is what one token may do.
type allowance struct {
	rate  float64
	burst int
}

// NewLimiter builds a Limiter.
func NewLimiter(l Limits) *Limiter {
	l = l.withDefaults()
	tokens, _ := lru.New[string, *rate.Limiter](l.Remembered) // fails for a size below one only
	sources, _ := lru.New[netip.Prefix, *rate.Limiter](l.Remembered)
	made := &Limiter{limits: l, tokens: tokens, sources: sources}
	made.Calls(l.TokenRate, l.TokenBurst)
	return made
}

// Calls has another rate in force for tokens, as Limits has it, also for those that
// were counted before.
func (l *Limiter) Calls(perSecond float64, burst int) { l.calls.Store(&allowance{perSecond, burst}) }

// Token takes one call of a grant that was checked; false: too many.
func (l *Limiter) Token(g webhook.Grant) bool {
	a, now := l.calls.Load(), l.limits.Now()
	b := bucket(l.tokens, g.ID, a.rate, a.burst)
	if b.Limit() != rate.Limit(a.rate) || b.Burst() != a.burst {
		b.SetLimitAt(now, rate.Limit(a.rate))
		b.SetBurstAt(now, a.burst)
	}
	return b.AllowN(now, 1)
}

// Source tells whether an address may still try tokens. It costs the address
// nothing, and no memory.
func (l *Limiter) Source(address netip.Addr) bool {
	b, ok := l.sources.Get(network(address))
	return !ok || b.TokensAt(l.limits.Now()) >= 1
}

// Failed notes that an address gave a wrong token; false: it may try none any more.
func (l *Limiter) Failed(address netip.Addr) bool {
	return bucket(l.sources, network(address), l.limits.SourceRate, l.limits.SourceBurst).AllowN(l.limits.Now(), 1)
}

// bucket is the one of a key, a full one if there was none.
func bucket[K comparable](all *lru.Cache[K, *rate.Limiter], key K, perSecond float64, burst int) *rate.Limiter {
	if b, ok := all.Get(key); ok {
		return b
	}
	fresh := rate.NewLimiter(rate.Limit(perSecond), burst)
	if b, ok, _ := all.PeekOrAdd(key, fresh); ok {
		return b
	}
	return fresh
}

// network is what counts as one address: of IPv6 the /64, which is what one
// customer of a provider has at least. What is no address is one address too.
func network(address netip.Addr) netip.Prefix {
	address = address.Unmap()
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // without the zone
	return prefix
}
