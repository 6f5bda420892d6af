package ads_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/ads"
	"bauta/webhook"
)

// lookup answers by a function.
type lookup func(ctx context.Context, business, id string) (ads.Details, error)

func (l lookup) Ad(ctx context.Context, business, id string) (ads.Details, error) {
	return l(ctx, business, id)
}

func known(context.Context, string, string) (ads.Details, error) {
	return ads.Details{Known: true, Campaign: "22", Account: "11", AdSet: "33", Destination: "WHATSAPP", Status: "ACTIVE"}, nil
}

// memory is a Cache that can fail.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	ttls   map[string]time.Duration
	broken bool
}

func newMemory() *memory {
	return &memory{values: map[string][]byte{}, ttls: map[string]time.Duration{}}
}

func (m *memory) Get(_ context.Context, business, ad string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return nil, false, errors.New("cache is down")
	}
	v, ok := m.values[business+"/"+ad]
	return v, ok, nil
}

func (m *memory) Put(_ context.Context, business, ad string, value []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errors.New("cache is down")
	}
	m.values[business+"/"+ad], m.ttls[business+"/"+ad] = value, ttl
	return nil
}

func campaign() []ads.Policy {
	return []ads.Policy{{Business: "acme", Rules: []ads.Rule{
		show("germany", `customer.country == "DE"`),
		show("campaign", `ad.campaign == "22"`),
	}}}
}

const key = "acme/120226305854810726"

func TestLookedUpFieldsAreSeen(t *testing.T) {
	t.Parallel()
	d := decider(t, ads.Options{Lookup: lookup(known), Policies: []ads.Policy{{Business: "acme", Rules: []ads.Rule{
		show("all", `ad.campaign == "22" && ad.account == "11" && ad.adset == "33" && ad.destination == "WHATSAPP" && ad.status == "ACTIVE"`),
	}}}})
	want := webhook.Decision{Visible: true, Rule: "all", Reason: "rule"}
	if diff := cmp.Diff(want, d.Decide(t.Context(), fromAd())); diff != "" {
		t.Error(diff)
	}
}

func TestWhatALookUpLeadsTo(t *testing.T) {
	t.Parallel()
	unknown := func(context.Context, string, string) (ads.Details, error) { return ads.Details{Campaign: "22"}, nil }
	fails := func(context.Context, string, string) (ads.Details, error) {
		return ads.Details{}, errors.New("forbidden")
	}
	reports := campaign()
	reports[0].Rules[1].Report = true
	for name, row := range map[string]struct {
		policies []ads.Policy
		lookup   ads.Lookup
		contact  webhook.FirstContact
		want     webhook.Decision
		calls    int32
	}{
		"a known ad": {campaign(), lookup(known), fromAd(), webhook.Decision{Visible: true, Rule: "campaign", Reason: "rule"}, 1},
		"an unknown or foreign ad": {
			campaign(), lookup(unknown), fromAd(), webhook.Decision{Rule: "campaign", Reason: "ad_unknown", AdUnknown: true}, 1,
		},
		"a look-up that fails": {
			campaign(), lookup(fails), fromAd(), webhook.Decision{Rule: "campaign", Reason: "ad_lookup_failed", AdUnknown: true}, 1,
		},
		"nobody to ask": {campaign(), nil, fromAd(), webhook.Decision{Rule: "campaign", Reason: "ad_unknown", AdUnknown: true}, 0},
		"an ad without an id": {
			campaign(), lookup(known), fromAd(func(c *webhook.FirstContact) { c.Referral.ID = "" }),
			webhook.Decision{Rule: "campaign", Reason: "ad_unknown", AdUnknown: true},
			0,
		},
		"an earlier rule decides: not asked": {
			campaign(), lookup(known), fromAd(func(c *webhook.FirstContact) { c.Country = "DE" }),
			webhook.Decision{Visible: true, Rule: "germany", Reason: "rule"},
			0,
		},
		"a post is never looked up": {
			campaign(), lookup(known), fromAd(source("post")), webhook.Decision{Visible: true, Reason: "post_default_visible"}, 0,
		},
		"no referral: not asked": {
			campaign(), lookup(known), fromAd(organic), webhook.Decision{Visible: true, Reason: "no_ad_default_visible"}, 0,
		},
		"a rule that does not come to the field: not asked": {
			[]ads.Policy{{Business: "acme", Rules: []ads.Rule{show("r", `customer.country == "FR" && ad.campaign == "22"`)}}},
			lookup(known), fromAd(),
			webhook.Decision{Reason: "no_rule_matched"},
			0,
		},
		"report mode does not decide, and would hide": {
			reports, lookup(fails), fromAd(),
			webhook.Decision{Reason: "no_rule_matched", Reports: []webhook.Report{{Rule: "campaign", Hide: true}}},
			1,
		},
		"a later rule without the field still decides after report mode": {
			[]ads.Policy{{Business: "acme", Rules: []ads.Rule{report(hide("try", `ad.status == "X"`)), show("all", "true")}}},
			lookup(fails), fromAd(),
			webhook.Decision{Visible: true, Rule: "all", Reason: "rule", Reports: []webhook.Report{{Rule: "try", Hide: true}}},
			1,
		},
		"one question for two rules": {
			[]ads.Policy{{Business: "acme", Rules: []ads.Rule{show("a", `ad.status == "X"`), show("b", `ad.adset == "33"`)}}},
			lookup(known), fromAd(),
			webhook.Decision{Visible: true, Rule: "b", Reason: "rule"},
			1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			o := ads.Options{Policies: row.policies}
			if row.lookup != nil {
				o.Lookup = lookup(func(ctx context.Context, business, id string) (ads.Details, error) {
					calls.Add(1)
					return row.lookup.Ad(ctx, business, id)
				})
			}
			if diff := cmp.Diff(row.want, decider(t, o).Decide(t.Context(), row.contact)); diff != "" {
				t.Error(diff)
			}
			if calls.Load() != row.calls {
				t.Errorf("%d look-ups, want %d", calls.Load(), row.calls)
			}
		})
	}
}

func TestAnswersAreCached(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		known bool
		ttl   time.Duration
	}{"a known ad for an hour": {true, time.Hour}, "an unknown one for 5 minutes": {false, 5 * time.Minute}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cache, calls := newMemory(), 0
			d := decider(t, ads.Options{Policies: campaign(), Cache: cache, Lookup: lookup(func(context.Context, string, string) (ads.Details, error) {
				calls++
				return ads.Details{Known: row.known, Campaign: "22"}, nil
			})})
			for range 3 {
				if got := d.Decide(t.Context(), fromAd()); got.Visible != row.known || got.AdUnknown == row.known {
					t.Errorf("decision %+v", got)
				}
			}
			if calls != 1 || cache.ttls[key] != row.ttl {
				t.Errorf("%d look-ups, kept for %v, want one and %v", calls, cache.ttls[key], row.ttl)
			}
		})
	}
}

func TestABrokenCacheOnlyCostsALookUp(t *testing.T) {
	t.Parallel()
	for name, cache := range map[string]*memory{
		"down":    {broken: true},
		"garbage": {values: map[string][]byte{key: []byte("{")}, ttls: map[string]time.Duration{}},
	} {
		d := decider(t, ads.Options{Policies: campaign(), Cache: cache, Lookup: lookup(known)})
		if got := d.Decide(t.Context(), fromAd()); !got.Visible || got.Rule != "campaign" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestASlowLookUpIsBoundedAndHides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := decider(t, ads.Options{Policies: campaign(), Lookup: lookup(func(ctx context.Context, _, _ string) (ads.Details, error) {
			<-ctx.Done()
			return ads.Details{}, ctx.Err()
		})})
		started := time.Now()
		want := webhook.Decision{Rule: "campaign", Reason: "ad_lookup_failed", AdUnknown: true}
		if diff := cmp.Diff(want, d.Decide(t.Context(), fromAd())); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(started); took != 2*time.Second {
			t.Errorf("took %v, want 2 s", took)
		}
	})
}

func TestManyAtOnceAskOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		release := make(chan struct{})
		d := decider(t, ads.Options{Policies: campaign(), Lookup: lookup(func(ctx context.Context, b, id string) (ads.Details, error) {
			calls.Add(1)
			<-release
			if ctx.Err() != nil {
				return ads.Details{}, ctx.Err()
			}
			return known(ctx, b, id)
		})})
		gone, cancel := context.WithCancel(t.Context())
		var first webhook.Decision
		var all sync.WaitGroup
		all.Go(func() { first = d.Decide(gone, fromAd()) })
		synctest.Wait()
		for range 10 {
			all.Go(func() {
				if got := d.Decide(t.Context(), fromAd()); !got.Visible {
					t.Errorf("decision %+v", got)
				}
			})
		}
		synctest.Wait()
		cancel() // the one who asked goes away; the others keep the answer
		synctest.Wait()
		close(release)
		all.Wait()
		if calls.Load() != 1 {
			t.Errorf("%d look-ups, want 1", calls.Load())
		}
		if first.Visible || first.Reason != "ad_lookup_failed" {
			t.Errorf("a caller who left got %+v, want hidden", first)
		}
	})
}

func TestFailuresPauseOneBusinessOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, broken := 0, true
		policies := append(campaign(), campaign()...)
		policies[1].Business = "other"
		d := decider(t, ads.Options{Policies: policies, Lookup: lookup(func(ctx context.Context, business, id string) (ads.Details, error) {
			calls++
			if broken && business == "acme" {
				return ads.Details{}, errors.New("token refused")
			}
			return known(ctx, business, id)
		})})
		for range 5 {
			if got := d.Decide(t.Context(), fromAd()); got.Reason != "ad_lookup_failed" {
				t.Errorf("decision %+v", got)
			}
		}
		want := webhook.Decision{Rule: "campaign", Reason: "ad_lookup_paused", AdUnknown: true}
		if diff := cmp.Diff(want, d.Decide(t.Context(), fromAd())); diff != "" || calls != 5 {
			t.Errorf("%d look-ups, want 5; %s", calls, diff)
		}
		if got := d.Decide(t.Context(), fromAd(func(c *webhook.FirstContact) { c.Business = "other" })); !got.Visible {
			t.Errorf("another business is paused too: %+v", got)
		}
		broken = false
		time.Sleep(16 * time.Second) // virtual: the synctest bubble's clock
		if got := d.Decide(t.Context(), fromAd()); !got.Visible {
			t.Errorf("after the pause: %+v", got)
		}
	})
}
