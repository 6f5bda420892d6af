package figures_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/figures"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/operate"
)

const acme = "acme"

// morning is 8:30 UTC on a day on which nothing else is counted.
func morning() time.Time { return time.Date(2026, 9, 10, 8, 30, 0, 0, time.UTC) }

// room is a store on which nodes count, with one clock.
type room struct {
	*testing.T
	store *redis.Store

	mu  sync.Mutex
	now time.Time
}

func (r *room) node() *figures.Figures {
	f := figures.New(figures.Options{Store: r.store, Now: func() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.now }})
	var _ webhook.Figures = f
	var _ operate.Figures = f
	return f
}

func (r *room) at(t time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = t
}

func newRoom(t *testing.T, store *redis.Store) *room {
	t.Helper()
	return &room{T: t, store: store, now: morning()}
}

func each(t *testing.T, test func(r *room)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		test(newRoom(t, store))
	})
}

func masked() webhook.Figure {
	return webhook.Figure{Business: acme, Kind: webhook.FigureEvent, What: webhook.Masked}
}

func decided(by, why string) webhook.Figure {
	return webhook.Figure{Business: acme, Kind: webhook.FigureDecision, What: "hidden", By: by, Why: why}
}

func ad(id string) webhook.Figure {
	return webhook.Figure{Business: acme, Kind: webhook.FigureAd, What: "hidden", By: id}
}

func count(f *figures.Figures, n int, figure webhook.Figure) {
	for range n {
		f.Count(figure)
	}
}

// read is what was counted in a span, in an order of its own.
func (r *room) read(f *figures.Figures, from, to time.Time) []operate.Counted {
	r.Helper()
	return r.sorted(f.Read(r.Context(), acme, operate.Span{From: from, To: to}))
}

func (r *room) ads(f *figures.Figures, from, to time.Time) []operate.Counted {
	r.Helper()
	return r.sorted(f.Ads(r.Context(), acme, operate.Span{From: from, To: to}))
}

func (r *room) sorted(all []operate.Counted, err error) []operate.Counted {
	r.Helper()
	if err != nil {
		r.Fatalf("read: %v", err)
	}
	slices.SortFunc(all, func(a, b operate.Counted) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Figure.Kind, b.Figure.Kind), cmp.Compare(a.Figure.By, b.Figure.By), cmp.Compare(a.Figure.What, b.Figure.What))
	})
	return all
}

func (r *room) want(what string, want, got []operate.Counted) {
	r.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		r.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Events count by the minute, everything else by the hour, ads by the day.
func TestWhatSeveralNodesCountIsSummed(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		a, b := r.node(), r.node()
		count(a, 3, masked())
		count(b, 4, masked())
		count(b, 1, webhook.Figure{Business: "other", Kind: webhook.FigureEvent, What: webhook.Masked})
		odd := `a rule: "1",2` + "\n"
		count(a, 2, decided(odd, "rule"))
		count(b, 5, decided("", "no_referral"))
		count(a, 1, ad("120208593847560001"))
		r.at(morning().Add(59 * time.Second))
		count(a, 10, masked())
		r.at(morning().Add(time.Minute))
		count(b, 100, masked())
		count(b, 20, ad("120208593847560001"))
		r.at(morning().Add(time.Hour))
		count(a, 1000, masked())
		count(a, 7, decided("", "no_referral"))
		a.Flush(r.Context())
		b.Flush(r.Context())
		a.Flush(r.Context()) // what was added is not added again

		at, hour := morning(), morning().Truncate(time.Hour)
		r.want("an hour and a half, read by a third node", []operate.Counted{
			{Figure: decided("", "no_referral"), At: hour, N: 5},
			{Figure: decided(odd, "rule"), At: hour, N: 2},
			{Figure: masked(), At: at, N: 17},
			{Figure: masked(), At: at.Add(time.Minute), N: 100},
			{Figure: decided("", "no_referral"), At: hour.Add(time.Hour), N: 7},
			{Figure: masked(), At: at.Add(time.Hour), N: 1000},
		}, r.read(r.node(), hour, at.Add(2*time.Hour)))
		r.want("one minute, beside the figures of its hour", []operate.Counted{
			{Figure: decided("", "no_referral"), At: hour, N: 5},
			{Figure: decided(odd, "rule"), At: hour, N: 2},
			{Figure: masked(), At: at.Add(time.Minute), N: 100},
		}, r.read(a, at.Add(time.Minute), at.Add(2*time.Minute)))
		r.want("an hour of nothing", nil, r.read(a, at.Add(-24*time.Hour), at.Add(-23*time.Hour)))
		day := time.Date(2026, 9, 10, 0, 0, 0, 0, time.UTC)
		r.want("the ads of the day", []operate.Counted{{Figure: ad("120208593847560001"), At: day, N: 21}}, r.ads(b, at, at.Add(time.Hour)))
		r.want("the ads of the day before", nil, r.ads(b, day.Add(-time.Hour), day))
	})
}

func TestNothingIsLostBetweenTwoAdditions(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		f := r.node()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 500 {
					f.Count(masked())
				}
			})
		}
		for range 20 {
			f.Flush(r.Context())
		}
		all.Wait()
		f.Flush(r.Context())
		r.want("what was counted", []operate.Counted{{Figure: masked(), At: morning(), N: 4000}}, r.read(f, morning(), morning().Add(time.Minute)))
	})
}

// Who ends adds what it counted since the last addition.
func TestANodeThatEndsAddsTheRest(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}))
	f := r.node()
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { f.Run(ctx) })
	count(f, 3, masked())
	cancel()
	run.Wait()
	r.want("what was counted", []operate.Counted{{Figure: masked(), At: morning(), N: 3}}, r.read(f, morning(), morning().Add(time.Minute)))
}

func between(t *testing.T) (*room, *redistest.Between) {
	t.Helper()
	server := redistest.Standalone(t)
	b := server.Between(t)
	store, err := redis.Open(t.Context(), redis.Options{URL: b.URL, AcknowledgeTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return newRoom(t, store), b
}

func scripts(answer string) redistest.Say {
	return func(command []string) string {
		if name := command[0]; name == "evalsha" || name == "eval" || name == "EVALSHA" || name == "EVAL" {
			return answer
		}
		return ""
	}
}

// What the store surely did not take is added with the next one, once.
func TestWhatCouldNotBeAddedIsAddedLater(t *testing.T) {
	t.Parallel()
	r, b := between(t)
	f := r.node()
	count(f, 3, masked())
	b.Says(scripts("-OOM command not allowed when used memory > 'maxmemory'.\r\n"))
	for range 3 {
		f.Flush(t.Context())
	}
	count(f, 2, masked())
	b.Says(nil)
	for range 2 {
		f.Flush(t.Context())
	}
	r.want("what was counted", []operate.Counted{{Figure: masked(), At: morning(), N: 5}}, r.read(f, morning(), morning().Add(time.Minute)))
}

// Where the answer is lost nobody knows: it may count twice, and is not lost.
func TestAnAnswerThatIsLostCountsOnceOrTwice(t *testing.T) {
	t.Parallel()
	r, b := between(t)
	f := r.node()
	f.Count(decided("", "warm up")) // so that the script is known
	f.Flush(t.Context())
	count(f, 3, masked())
	b.Says(scripts(redistest.Lost))
	f.Flush(t.Context())
	b.Says(nil)
	for range 2 {
		f.Flush(t.Context())
	}
	got := r.read(f, morning(), morning().Add(time.Minute))
	if len(got) != 2 || got[1].N < 3 || got[1].N > 6 {
		t.Errorf("3 events count as %v", got)
	}
}

// Who forges names of ads makes neither Redis nor a node remember them all: the first 500
// of a day have names, and no count is lost to the others' names.
func TestManyNamesOfAdsTakeLittleRoom(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		f, other := r.node(), r.node()
		name := func(n int) string { return "12020859384756" + strconv.Itoa(1_000_000+n) }
		for n := range 400 {
			f.Count(ad(name(n)))
		}
		f.Flush(r.Context())
		for n := range 3000 {
			other.Count(ad(name(n)))
			other.Count(webhook.Figure{Business: acme, Kind: webhook.FigureAd, What: "visible", By: name(n)})
		}
		other.Flush(r.Context())
		sum, rest := map[string]int64{}, int64(0)
		all := r.ads(f, morning(), morning().Add(time.Minute))
		for _, c := range all {
			sum[c.Figure.What] += c.N
			if c.Figure.By == figures.Other {
				rest += c.N
			}
		}
		if len(all) > 502 || len(all) < 500 {
			r.Errorf("%d names, want 500 and what stands for all others", len(all))
		}
		if sum["hidden"] != 3400 || sum["visible"] != 3000 || rest == 0 {
			r.Errorf("they are %v together, %d of them others", sum, rest)
		}
		// On another day others have names.
		r.at(morning().Add(24 * time.Hour))
		f.Count(ad("999"))
		f.Flush(r.Context())
		day := morning().Add(24 * time.Hour).Truncate(24 * time.Hour)
		r.want("the next day", []operate.Counted{{Figure: ad("999"), At: day, N: 1}}, r.ads(f, day, day.Add(time.Hour)))
	})
}

func TestANodeRemembersBoundedlyManyFigures(t *testing.T) {
	t.Parallel()
	r, b := between(t)
	f := r.node()
	f.Count(decided("", "first"))
	b.Says(scripts("-READONLY You can't write against a read only replica.\r\n"))
	for range 3 {
		for n := range 20_000 {
			f.Count(decided("", fmt.Sprint("reason", n)))
		}
		f.Flush(t.Context())
	}
	f.Count(decided("", "first")) // what is known goes on being counted
	b.Says(nil)
	f.Flush(t.Context())
	all := r.read(f, morning(), morning().Add(time.Minute))
	if len(all) != 20_000 {
		t.Errorf("%d figures were remembered, want 20000", len(all))
	}
	if i := slices.IndexFunc(all, func(c operate.Counted) bool { return c.Figure.Why == "first" }); i < 0 || all[i].N != 2 {
		t.Error("the first one is lost")
	}
	// Also where the store takes everything.
	r.at(morning().Add(time.Hour))
	for n := range 25_000 {
		f.Count(decided("", fmt.Sprint("reason", n)))
	}
	f.Flush(t.Context())
	if all := r.read(f, morning().Add(time.Hour), morning().Add(2*time.Hour)); len(all) != 20_000 {
		t.Errorf("%d figures were added, want 20000", len(all))
	}
}

// Nine days after an hour began to be counted it goes, though it went on being counted.
func TestFiguresGoAfterNineDays(t *testing.T) {
	t.Parallel()
	server, clock := redistest.Timed(t)
	r := newRoom(t, server.Open(t, redis.Options{}))
	f := r.node()
	add := func() {
		f.Count(masked())
		f.Count(ad("120208593847560001"))
		f.Flush(t.Context())
	}
	add()
	clock.Set(t, time.Hour)
	add()
	const day = 24 * time.Hour
	clock.Set(t, 9*day-time.Minute)
	if got, ads := r.read(f, morning(), morning().Add(time.Minute)), r.ads(f, morning(), morning().Add(time.Minute)); len(got) != 1 || got[0].N != 2 || len(ads) != 1 || ads[0].N != 2 {
		t.Errorf("before: %v, %v", got, ads)
	}
	clock.Set(t, 9*day+time.Minute)
	if got, ads := r.read(f, morning(), morning().Add(time.Minute)), r.ads(f, morning(), morning().Add(time.Minute)); len(got)+len(ads) != 0 {
		t.Errorf("afterwards: %v, %v", got, ads)
	}
}

func TestFieldsOfANewerVersionArePassedOver(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		f := r.node()
		f.Count(masked())
		f.Flush(r.Context())
		key := r.store.Keys().Figures(acme, morning().Unix()/3600)
		for _, field := range []string{"", "{}", "[]", `[1,"event","masked",""]`, `[99,"event","masked","",""]`, `[-1,"event","masked","",""]`, `["30","event","masked","",""]`, `[30,"event",5,"",""]`} {
			if err := r.store.Client().HSet(r.Context(), key, field, 5).Err(); err != nil {
				r.Fatal(err)
			}
		}
		if err := r.store.Client().HSet(r.Context(), key, `[31,"event","masked","",""]`, "many").Err(); err != nil {
			r.Fatal(err)
		}
		r.want("what can be read", []operate.Counted{{Figure: masked(), At: morning(), N: 1}}, r.read(f, morning().Add(-time.Hour), morning().Add(time.Hour)))
	})
}

func TestAStoreThatIsNotToBeWrittenToIsNot(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}))
	looks := newRoom(t, server.Open(t, redis.Options{ReadOnly: true}))
	f := looks.node()
	f.Count(masked())
	f.Flush(t.Context())
	r.want("what was counted", nil, r.read(r.node(), morning(), morning().Add(time.Minute)))
}

func TestAStoreThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}))
	f := r.node()
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	f.Count(masked())
	f.Flush(t.Context())
	span := operate.Span{From: morning(), To: morning().Add(time.Minute)}
	if _, err := f.Read(t.Context(), acme, span); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("figures: %v", err)
	}
	if _, err := f.Ads(t.Context(), acme, span); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("ads: %v", err)
	}
}

func TestScriptsTouchDeclaredKeysOnly(t *testing.T) {
	t.Parallel()
	for _, source := range figures.Sources() {
		redistest.DeclaredKeysOnly(t, source)
	}
}
