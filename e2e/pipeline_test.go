package e2e

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"

	"bauta/ads"
	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/redis/held"
	"bauta/redis/lanes"
	"bauta/redis/redistest"
	"bauta/redis/rolls"
	"bauta/redis/vault"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// world is the pipeline in this process on a real Redis: for what cannot be
// steered from outside, such as a reply that is lost at one certain call.
type world struct {
	*webhook.Pipeline

	business webhook.Business
	vault    *vault.Vault
	lanes    *lanes.Lanes
	rolls    *rolls.Rolls
	wayBack  *webhook.WayBack
	clock    *atomic.Int64
}

func newWorld(t testing.TB, store *redis.Store, set *keys.Set, business webhook.Business, policy ads.Policy) *world {
	t.Helper()
	w := &world{business: business, clock: &atomic.Int64{}}
	w.clock.Store(time.Now().UnixNano())
	now := func() time.Time { return time.Unix(0, w.clock.Load()) }
	policy.Business = business.ID
	decider, err := ads.New(ads.Options{Policies: []ads.Policy{policy}})
	if err != nil {
		t.Fatal(err)
	}
	handles := masking.NewHandles(set)
	ids := meta.NewIDMasker(set, handles)
	w.vault = vault.New(store, set, vault.Options{Retention: func(string) webhook.Retention { return business.Retention }, Now: now})
	w.lanes = lanes.New(lanes.Options{Store: store, Keys: w.vault, Now: now})
	w.rolls = rolls.New(store, set, rolls.Options{Now: now})
	w.wayBack = webhook.NewWayBack(ids, w.vault, w.vault)
	w.Pipeline, err = webhook.NewPipeline(webhook.Options{
		Directory: webhook.NewDirectory([]webhook.Business{business}), Catalogue: meta.NewCatalogue(),
		Rewriter: masking.NewRewriter(), Tokens: sharing.NewTokens(set), IDs: ids, Minter: handles, PRF: set, Vault: w.vault, Forms: w.vault, Rolls: w.rolls, Presence: w.vault,
		Watershed: w.vault, Keys: w.vault, Decider: decider, Queue: w.lanes, Holder: held.New(held.Options{Store: store, Keys: w.vault}),
		Metrics: webhook.NewMetrics(prometheus.NewRegistry()), Logger: slog.New(slog.DiscardHandler), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func acme() webhook.Business {
	return webhook.Business{
		ID: "acme", App: "main", WABAs: []string{waba}, View: masking.View{ShowCountry: true, ForeignPass: true},
		Endpoints: []webhook.Endpoint{{ID: "crm"}},
	}
}

func newKeys(t testing.TB) *keys.Set {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// drained is what waits in the lanes, in order, without what is random.
func (w *world) drained(t *testing.T) []string {
	t.Helper()
	var out []string
	var handle string
	due, err := w.lanes.Due(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, lane := range due {
		leased, ok, err := w.lanes.Take(t.Context(), lane, time.Minute)
		for ; ok; leased, ok, err = w.lanes.Finish(t.Context(), leased.Lease, webhook.Verdict{Outcome: webhook.Delivered}, time.Minute) {
			d := leased.Delivery
			if handle == "" {
				handle = d.Handle
			}
			out = append(out, fmt.Sprintf("%s %s %s same handle: %t, in the body: %t",
				d.ID, d.Visibility, d.Decision, d.Handle == handle, strings.Contains(string(d.Body), d.Handle)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var errLost = errors.New("the reply was lost")

// lossy loses the nth reply: the command was carried out, and nobody knows.
type lossy struct {
	calls, at atomic.Int64
	// before loses the command instead of its reply.
	before bool
}

func (l *lossy) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (l *lossy) hit() bool { return l.calls.Add(1) == l.at.Load() }

func (l *lossy) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		hit := l.hit()
		if hit && l.before {
			cmd.SetErr(errLost)
			return errLost
		}
		err := next(ctx, cmd)
		if hit {
			cmd.SetErr(errLost)
			return errLost
		}
		return err
	}
}

func (l *lossy) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		hit := l.hit()
		if !hit || !l.before {
			if err := next(ctx, cmds); err != nil || !hit {
				return err
			}
		}
		for _, cmd := range cmds {
			cmd.SetErr(errLost)
		}
		return errLost
	}
}

// A first contact stays a first contact: whichever call to Redis fails, before
// or after it was carried out, the redelivery ends where an undisturbed run does.
func TestEveryStepCanFail(t *testing.T) {
	t.Parallel()
	set := newKeys(t)
	bodies := [][]byte{
		says(ada(), "3A0071", "from the ad", ctwa()),
		says(simulator.Person{Number: ada().Number, Name: "Ada Rossi"}, "3A0072", "a second one", nil),
	}
	feed := func(t *testing.T, w *world) error {
		t.Helper()
		for _, body := range bodies {
			if err := w.Accept(t.Context(), "main", body); err != nil {
				return err
			}
		}
		return nil
	}
	calm := newWorld(t, redistest.Embedded(t, redis.Options{}), set, acme(), ads.Policy{})
	if err := feed(t, calm); err != nil {
		t.Fatal(err)
	}
	want := calm.drained(t)
	if len(want) != 2 || !strings.Contains(want[0], "hidden ad same handle: true, in the body: true") {
		t.Fatalf("the undisturbed run: %q", want)
	}
	for _, before := range []bool{false, true} {
		for at := int64(1); ; at++ {
			hook := &lossy{before: before}
			store := redistest.Embedded(t, redis.Options{Hooks: []goredis.Hook{hook}})
			w := newWorld(t, store, set, acme(), ads.Policy{})
			hook.calls.Store(0)
			hook.at.Store(at)
			first := feed(t, w)
			if first == nil && hook.calls.Load() < at {
				if at < 8 {
					t.Fatalf("only %d calls were made: the hook does not see them", at-1)
				}
				break
			}
			if err := feed(t, w); err != nil {
				t.Fatalf("call %d (before: %t): the redelivery failed: %v", at, before, err)
			}
			if diff := cmp.Diff(want, w.drained(t)); diff != "" {
				t.Errorf("call %d (before: %t) ends elsewhere (-want +got):\n%s", at, before, diff)
			}
		}
	}
}

// A decision stands, whatever comes later.
func TestADecisionStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy ads.Policy
		bodies [][]byte
		want   []string
	}{
		"hidden by an ad, then an organic message": {
			bodies: [][]byte{says(ada(), "3A0081", "1", ctwa()), says(ada(), "3A0082", "2", nil)},
			want:   []string{"hidden ad", "hidden ad"},
		},
		"visible, then an ad": {
			bodies: [][]byte{says(ada(), "3A0083", "1", nil), says(ada(), "3A0084", "2", ctwa()), says(ada(), "3A0085", "3", ctwa())},
			want: []string{
				"visible no_ad_default_visible", "visible no_ad_default_visible, ad_came_late",
				"visible no_ad_default_visible, ad_came_late",
			},
		},
		"a status first, then an ad": {
			bodies: [][]byte{delivered(ada(), "3EB010"), says(ada(), "3A0086", "2", ctwa())},
			want:   []string{"undecided undecided", "hidden ad"},
		},
		"a second ad": {
			bodies: [][]byte{says(ada(), "3A0087", "1", ctwa()), says(ada(), "3A0088", "2", &simulator.Ad{Type: "ad", ID: "7"})},
			want:   []string{"hidden ad", "hidden ad"},
		},
		"without a number first, with one later": {
			bodies: [][]byte{says(withoutNumber(ada()), "3A0089", "1", nil), says(ada(), "3A0090", "2", nil)},
			want:   []string{"hidden platform_hid_it", "hidden platform_hid_it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), c.policy)
			for _, body := range c.bodies {
				if err := w.Accept(t.Context(), "main", body); err != nil {
					t.Fatal(err)
				}
			}
			got := w.drained(t)
			if len(got) != len(c.want) {
				t.Fatalf("%d deliveries, want %d: %q", len(got), len(c.want), got)
			}
			for i := range got {
				if !strings.Contains(got[i], " "+c.want[i]+" ") {
					t.Errorf("delivery %d is %q, want %q", i, got[i], c.want[i])
				}
			}
		})
	}
}

func withoutNumber(p simulator.Person) simulator.Person {
	p.Hides = true
	return p
}

func delivered(p simulator.Person, stanza string) []byte {
	return business().Outcome(simulator.Status{
		To: p, ID: simulator.MessageID(p, true, stanza), At: time.Unix(1789000001, 0), Status: "delivered",
	})
}
