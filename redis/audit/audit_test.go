package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
	"bauta/redis/audit"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

const acme = "acme"

// noon of a day long ago on which no test runs; Redis goes by its own clock.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// room is a store with a log in it, whose clock the test sets.
type room struct {
	*testing.T
	store *redis.Store
	ring  *lanestest.Ring
	*audit.Log

	mu        sync.Mutex
	time      time.Time
	retention time.Duration
}

func newRoom(t *testing.T, store *redis.Store, ring *lanestest.Ring) *room {
	t.Helper()
	r := &room{T: t, store: store, ring: ring, time: noon()}
	r.Log = r.node()
	var _ webhook.Audit = r.Log
	return r
}

// node is another program on the same store.
func (r *room) node() *audit.Log {
	return audit.New(audit.Options{
		Store: r.store, Keys: r.ring,
		Now:       func() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.time },
		Retention: func(string) time.Duration { r.mu.Lock(); defer r.mu.Unlock(); return r.retention },
	})
}

func (r *room) set(at time.Time, retention time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time, r.retention = at, retention
}

func each(t *testing.T, test func(r *room)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		test(newRoom(t, store, lanestest.NewRing(t)))
	})
}

func reversal(n int) webhook.Reversal {
	return webhook.Reversal{
		At: noon().Add(time.Duration(n) * time.Millisecond), Business: acme,
		Handle: fmt.Sprintf("IT.%022d", n), By: "mUY0Pz3bF5bq2n1X", For: "message",
	}
}

func reversals(from, to int) []webhook.Reversal {
	var out []webhook.Reversal
	for n := from; n < to; n++ {
		out = append(out, reversal(n))
	}
	return out
}

func (r *room) note(lines ...webhook.Reversal) {
	r.Helper()
	if err := r.Note(r.Context(), lines); err != nil {
		r.Fatalf("note: %v", err)
	}
}

// read reads the log by pages of a size.
func (r *room) read(limit int) []webhook.Reversal {
	r.Helper()
	var out []webhook.Reversal
	cursor := ""
	for {
		page, err := r.Page(r.Context(), acme, cursor, limit)
		if err != nil || len(page) > limit {
			r.Fatalf("a page of %d, %v", len(page), err)
		}
		if len(page) == 0 {
			return out
		}
		for _, e := range page {
			out, cursor = append(out, e.Reversal), e.Cursor
		}
	}
}

// readBack reads the log from its end by pages of a size.
func (r *room) readBack(limit int) []webhook.Reversal {
	r.Helper()
	var out []webhook.Reversal
	cursor := ""
	for {
		page, err := r.Last(r.Context(), acme, cursor, limit)
		if err != nil || len(page) > limit {
			r.Fatalf("a page of %d, %v", len(page), err)
		}
		if len(page) == 0 {
			return out
		}
		for _, e := range page {
			out, cursor = append(out, e.Reversal), e.Cursor
		}
	}
}

func (r *room) want(limit int, want ...webhook.Reversal) {
	r.Helper()
	if diff := cmp.Diff(want, r.read(limit)); diff != "" {
		r.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestLinesAreReadInTheOrderInWhichTheyWereNoted(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		r.note(reversals(0, 300)...)
		r.note(reversal(300), webhook.Reversal{At: noon(), Business: "umbrella", Handle: "IT.0000000000000000000001"}, reversal(301))
		r.note()
		r.set(noon().Add(24*time.Hour), 0)
		r.note(reversals(302, 305)...)
		for _, limit := range []int{1, 7, 100, 1000} {
			r.want(limit, reversals(0, 305)...)
			back := r.readBack(limit)
			slices.Reverse(back)
			if diff := cmp.Diff(reversals(0, 305), back); diff != "" {
				r.Errorf("lines from the end, %d at a time (-want +got):\n%s", limit, diff)
			}
		}
		if page, err := r.Last(r.Context(), "umbrella", "", 10); len(page) != 1 || err != nil {
			r.Errorf("the other business has %d lines from the end, %v", len(page), err)
		}
		if page, err := r.Page(r.Context(), "umbrella", "", 10); len(page) != 1 || err != nil {
			r.Errorf("the other business has %d lines, %v", len(page), err)
		}
		if page, err := r.Page(r.Context(), acme, "", 0); len(page) != 0 || err != nil {
			r.Errorf("a page of none has %d lines, %v", len(page), err)
		}
	})
}

func TestCallersAtTheSameTimeLoseNothing(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		other := r.node()
		var all sync.WaitGroup
		for n := range 40 {
			log := r.Log
			if n%2 == 1 {
				log = other
			}
			all.Go(func() {
				for i := range 10 {
					if err := log.Note(r.Context(), []webhook.Reversal{reversal(n*10 + i)}); err != nil {
						r.Error(err)
					}
				}
			})
		}
		all.Wait()
		count, last := map[string]int{}, map[int]int{}
		for _, line := range r.read(64) {
			count[line.Handle]++
			var n int
			if _, err := fmt.Sscanf(line.Handle, "IT.%d", &n); err != nil || n%10 != last[n/10] {
				r.Fatalf("line %d of a caller stands where line %d should (%v)", n%10, last[n/10], err)
			}
			last[n/10]++
		}
		if len(count) != 400 {
			r.Errorf("%d lines, want 400", len(count))
		}
	})
}

func TestADayGoesWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), lanestest.NewRing(t))
	today := time.Now().UTC().Truncate(24 * time.Hour)
	day := func(n int) time.Time { return today.AddDate(0, 0, n) }
	expires := func(n int) time.Time {
		at, err := server.Client.PExpireTime(t.Context(), r.store.Keys().Audit(acme, day(n).Unix()/86400)).Result()
		if err != nil {
			t.Fatal(err)
		}
		if at < 0 {
			return time.Time{}.Add(at)
		}
		return time.UnixMilli(at.Milliseconds()).UTC()
	}
	for n := range 3 {
		r.set(day(n-3), 0)
		r.note(reversal(n))
	}
	if at := expires(-3); !at.Equal(time.Time{}.Add(-1)) {
		t.Errorf("without a retention a day goes at %v, want never", at)
	}
	r.want(10, reversals(0, 3)...)
	r.set(day(-1).Add(time.Hour), 72*time.Hour)
	r.want(10, reversals(0, 3)...)
	r.set(day(0).Add(time.Hour), 48*time.Hour)
	r.want(10, reversals(1, 3)...) // the first day ended on day -2: its time is over
	r.note(reversal(3))
	if n, err := server.Client.Exists(t.Context(), r.store.Keys().Audit(acme, day(-3).Unix()/86400)).Result(); n != 0 || err != nil {
		t.Errorf("the first day is still there (%v)", err)
	}
	for n := -2; n <= 0; n++ {
		if at := expires(n); !at.Equal(day(n + 3)) {
			t.Errorf("day %d goes at %v, want %v", n, at, day(n+3))
		}
	}
	days, err := server.Client.ZCard(t.Context(), r.store.Keys().Audits(acme)).Result()
	if days != 3 || err != nil {
		t.Errorf("%d days are listed, %v; want 3", days, err)
	}
	r.set(day(1), 0)
	r.note(reversal(4))
	if at := expires(-2); !at.Equal(time.Time{}.Add(-1)) {
		t.Errorf("with the retention lifted a day goes at %v, want never", at)
	}
	r.want(10, reversals(1, 5)...)
}

func TestACursorOfADayThatIsGoneLeadsToTheNext(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), lanestest.NewRing(t))
	r.note(reversals(0, 3)...)
	page, err := r.Page(t.Context(), acme, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	r.set(noon().Add(24*time.Hour), 0)
	r.note(reversal(3))
	if err := server.Client.Del(t.Context(), r.store.Keys().Audit(acme, noon().Unix()/86400)).Err(); err != nil {
		t.Fatal(err)
	}
	page, err = r.Page(t.Context(), acme, page[0].Cursor, 10)
	if err != nil || len(page) != 1 || page[0].Handle != reversal(3).Handle {
		t.Errorf("%d lines behind it, %v", len(page), err)
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}), lanestest.NewRing(t))
	for _, cursor := range []string{"nonsense", "1", "1.2", "1.2.-3", "1.-2.3", "1.2.3.4", "01.2.3", "1.2.3 ", "99999999999999999999.1.1"} {
		if _, err := r.Page(t.Context(), acme, cursor, 1); !errors.Is(err, audit.ErrCursor) {
			t.Errorf("%q: %v", cursor, err)
		}
		if _, err := r.Last(t.Context(), acme, cursor, 1); !errors.Is(err, audit.ErrCursor) {
			t.Errorf("%q from the end: %v", cursor, err)
		}
	}
}

func TestWhatIsStoredIsKnownWhateverBreaks(t *testing.T) {
	t.Parallel()
	for _, unsent := range []bool{true, false} {
		fault := &redistest.Fault{}
		store := redistest.Standalone(t).Open(t, redis.Options{Hooks: []goredis.Hook{fault}})
		r := newRoom(t, store, lanestest.NewRing(t))
		fault.Arm(0, unsent)
		r.note(reversal(0))
		exchanges := fault.Count()
		if exchanges < 4 {
			t.Fatalf("%d exchanges on the first of a day", exchanges)
		}
		want := 1
		for at := 1; at <= exchanges; at++ {
			r.set(noon().AddDate(0, 0, at), 0)
			fault.Arm(at, unsent)
			err := r.Note(t.Context(), []webhook.Reversal{reversal(want)})
			cut := at <= fault.Count()
			fault.Arm(0, unsent)
			if cut && !errors.Is(err, redis.ErrUnavailable) {
				t.Errorf("exchange %d is cut, unsent %v: %v", at, unsent, err)
			}
			if got := len(r.read(10)); err == nil && got != want+1 {
				t.Errorf("exchange %d is cut, unsent %v: %d lines, want %d", at, unsent, got, want+1)
			}
			r.note(reversal(want))
			want = len(r.read(100))
		}
	}
}

func TestABusinessWithoutAKeyIsNoTroubleToOthers(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}), lanestest.NewRing(t))
	r.ring.Erase("umbrella", "")
	both := []webhook.Reversal{reversal(0), {At: noon(), Business: "umbrella", Handle: "IT.0000000000000000000001"}}
	if err := r.Note(t.Context(), both); !errors.Is(err, webhook.ErrErased) {
		t.Errorf("one of two cannot be stored: %v", err)
	}
	r.want(10, reversal(0))
}

func TestALineWithoutBusinessOrTimeIsRefused(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}), lanestest.NewRing(t))
	for _, bad := range []webhook.Reversal{{At: noon()}, {Business: acme}} {
		if err := r.Note(t.Context(), []webhook.Reversal{reversal(0), bad}); !errors.Is(err, audit.ErrLine) {
			t.Error(err)
		}
	}
	r.want(10)
}

func TestACallerWhoIsGoneStoresNothing(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}), lanestest.NewRing(t))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Note(gone, reversals(0, 1)); !errors.Is(err, redis.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	r.want(10)
}

func TestBlocksAreBoundToTheirPlace(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), lanestest.NewRing(t))
	r.note(reversal(0))
	names := r.store.Keys()
	today, next := names.Audit(acme, noon().Unix()/86400), names.Audit(acme, noon().Unix()/86400+1)
	block, err := server.Client.LIndex(t.Context(), today, 0).Result()
	if err != nil {
		t.Fatal(err)
	}
	r.set(noon().Add(24*time.Hour), 0)
	r.note(reversal(1))
	if err := server.Client.LSet(t.Context(), next, 0, block).Err(); err != nil {
		t.Fatal(err)
	}
	page, err := r.Page(t.Context(), acme, "", 1)
	if err != nil || len(page) != 1 {
		t.Fatalf("%d lines, %v", len(page), err)
	}
	if _, err = r.Page(t.Context(), acme, page[0].Cursor, 1); !errors.Is(err, audit.ErrUnreadable) || !strings.Contains(err.Error(), "2026-11-23, block 0") {
		t.Errorf("a block of another day: %v", err)
	}
	if _, err = r.Last(t.Context(), acme, "", 1); !errors.Is(err, audit.ErrUnreadable) {
		t.Errorf("a block of another day, from the end: %v", err)
	}
	for name, value := range server.Dump(t) {
		if strings.Contains(name+value, "mUY0Pz3bF5bq2n1X") || strings.Contains(name+value, "IT.000") {
			t.Errorf("%s shows a line", name)
		}
	}
}

func TestTheScriptDeclaresItsKeys(t *testing.T) {
	t.Parallel()
	redistest.DeclaredKeysOnly(t, audit.AppendSource)
}

func TestAStoreThatIsOnlyReadStaysAsItIs(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), lanestest.NewRing(t))
	reader := audit.New(audit.Options{Store: server.Open(t, redis.Options{ReadOnly: true}), Keys: r.ring})
	if err := reader.Note(t.Context(), reversals(0, 1)); err != nil {
		t.Error(err)
	}
	r.want(10)
}
