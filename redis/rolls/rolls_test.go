package rolls_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/google/go-cmp/cmp"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/rolls"
	"bauta/webhook"
)

// The platform's own media id (webhooks.md 6.5), and another.
const (
	photo = "1037543291543636"
	voice = "2118921891590001"
	day   = 24 * time.Hour
)

func ring(t testing.TB) *keys.Set {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// enter is for the business acme.
func enter(t testing.TB, r *rolls.Rolls, roll webhook.Roll, ids ...string) {
	t.Helper()
	if err := r.Enter(t.Context(), "acme", roll, ids); err != nil {
		t.Fatalf("enter %d ids: %v", len(ids), err)
	}
}

func on(t testing.TB, r *rolls.Rolls, business string, roll webhook.Roll, ids ...string) []bool {
	t.Helper()
	out, err := r.On(t.Context(), business, roll, ids)
	if err != nil {
		t.Fatalf("ask for %d ids: %v", len(ids), err)
	}
	return out
}

func TestAnIDIsOnTheRollItWasEnteredOn(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set := ring(t)
		r, other := rolls.New(store, set, rolls.Options{}), rolls.New(store, set, rolls.Options{})
		enter(t, r, webhook.ReceivedMedia, photo, "third")
		enter(t, r, webhook.ReceivedMedia, photo)
		enter(t, r, webhook.UploadedMedia)
		for _, row := range []struct {
			name     string
			business string
			roll     webhook.Roll
			ids      []string
			want     []bool
		}{
			{"answers are in the order of the ids", "acme", webhook.ReceivedMedia, []string{voice, photo, "", "third"}, []bool{false, true, false, true}},
			{"another roll has it not", "acme", webhook.UploadedMedia, []string{photo}, []bool{false}},
			{"another business has it not", "umbrella", webhook.ReceivedMedia, []string{photo}, []bool{false}},
			{"nothing asked, nothing answered", "acme", webhook.ReceivedMedia, nil, []bool{}},
		} {
			if diff := cmp.Diff(row.want, on(t, other, row.business, row.roll, row.ids...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.name, diff)
			}
		}
	})
}

// An id stays for the period at least, whenever in an epoch it was entered.
func TestAnIDStaysForItsPeriod(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		roll   webhook.Roll
		period time.Duration
	}{
		{"media that events brought: 7 days and one to spare", webhook.ReceivedMedia, 8 * day},
		{"uploads: 30 days", webhook.UploadedMedia, 30 * day},
		{"messages under a later handle: as long as the platform delivers them", webhook.SentRenewed, 30 * day},
		{"messages to a plain number: 10 years, longer than anybody quotes", webhook.RawAddressed, 3650 * day},
	}
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		for _, row := range rows {
			now := time.Now()
			r := rolls.New(store, ring(t), rolls.Options{Now: func() time.Time { return now }})
			start := time.UnixMilli(now.UnixMilli() / row.period.Milliseconds() * row.period.Milliseconds())
			for _, at := range []time.Duration{0, row.period / 2, row.period - time.Millisecond} {
				id := fmt.Sprint(row.name, at)
				now = start.Add(at)
				enter(t, r, row.roll, id)
				now = start.Add(at + row.period)
				if !on(t, r, "acme", row.roll, id)[0] {
					t.Errorf("%s: entered %s into an epoch, it is gone before its time", row.name, at)
				}
				now = start.Add(2 * row.period)
				if on(t, r, "acme", row.roll, id)[0] {
					t.Errorf("%s: entered %s into an epoch, it is there after two periods", row.name, at)
				}
			}
		}
	})
}

// Nodes' clocks may lie apart by an hour where an epoch ends.
func TestClocksThatLieApartFindTheSame(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set := ring(t)
		boundary := time.UnixMilli((time.Now().UnixMilli()/(8*day).Milliseconds() + 1) * (8 * day).Milliseconds())
		node := func(at time.Time) *rolls.Rolls {
			return rolls.New(store, set, rolls.Options{Now: func() time.Time { return at }})
		}
		early, late := node(boundary.Add(-30*time.Minute)), node(boundary.Add(29*time.Minute))
		enter(t, early, webhook.ReceivedMedia, photo)
		enter(t, late, webhook.ReceivedMedia, voice)
		for name, r := range map[string]*rolls.Rolls{"early": early, "late": late} {
			if got := on(t, r, "acme", webhook.ReceivedMedia, photo, voice); !got[0] || !got[1] {
				t.Errorf("the %s node finds %v", name, got)
			}
		}
	})
}

func TestPartsEnd(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	now := time.Now()
	r := rolls.New(server.Open(t, redis.Options{}), ring(t), rolls.Options{Now: func() time.Time { return now }})
	enter(t, r, webhook.ReceivedMedia, photo)
	for key, value := range server.Dump(t) {
		if strings.Contains(key+value, photo) {
			t.Errorf("%s shows the id", key)
		}
		if key == redis.StoreKey {
			continue
		}
		left, err := server.Client.PTTL(t.Context(), key).Result()
		if err != nil || left < 8*day || left > 16*day+2*time.Hour {
			t.Errorf("%s lives %s, %v, want 8 to 16 days", key, left, err)
		}
	}
}

// In an emptied store an id that is not found may have been there: nothing is
// said, so that nobody takes it for a no.
func TestAnEmptiedStoreSaysNothing(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := rolls.New(store, ring(t), rolls.Options{})
		enter(t, r, webhook.RawAddressed, "3EB0")
		if err := store.EachMaster(t.Context(), flush); err != nil {
			t.Fatal(err)
		}
		got, err := r.On(t.Context(), "acme", webhook.RawAddressed, []string{"3EB0"})
		if !errors.Is(err, redis.ErrMisconfigured) || got != nil {
			t.Errorf("got %v, %v, want ErrMisconfigured", got, err)
		}
	})
}

func TestWhatIsNotStoredIsAnError(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	fault := &redistest.Fault{}
	r := rolls.New(server.Open(t, redis.Options{Hooks: []goredis.Hook{fault}}), ring(t), rolls.Options{})
	for _, unsent := range []bool{true, false} {
		fault.Arm(1, unsent)
		if err := r.Enter(t.Context(), "acme", webhook.UploadedMedia, []string{photo}); !errors.Is(err, redis.ErrUnavailable) {
			t.Errorf("entering over a broken connection: %v", err)
		}
		fault.Arm(1, unsent)
		if got, err := r.On(t.Context(), "acme", webhook.UploadedMedia, []string{photo}); !errors.Is(err, redis.ErrUnavailable) || got != nil {
			t.Errorf("asking over a broken connection: %v, %v", got, err)
		}
	}
	for _, wrong := range []struct {
		business string
		roll     webhook.Roll
	}{{"", webhook.UploadedMedia}, {"acme", ""}, {"acme", "other"}} {
		if err := r.Enter(t.Context(), wrong.business, wrong.roll, []string{photo}); err == nil {
			t.Errorf("entered on %q of %q", wrong.roll, wrong.business)
		}
		if _, err := r.On(t.Context(), wrong.business, wrong.roll, []string{photo}); err == nil {
			t.Errorf("asked for %q of %q", wrong.roll, wrong.business)
		}
	}
}

func TestOneRoundTripEach(t *testing.T) {
	t.Parallel()
	fault := &redistest.Fault{}
	r := rolls.New(redistest.Standalone(t).Open(t, redis.Options{Hooks: []goredis.Hook{fault}}), ring(t), rolls.Options{})
	enter(t, r, webhook.ReceivedMedia, "the first loads the script")
	fault.Arm(0, false)
	enter(t, r, webhook.ReceivedMedia, photo, voice)
	if n := fault.Count(); n != 1 {
		t.Errorf("entering took %d exchanges", n)
	}
	fault.Arm(0, false)
	on(t, r, "acme", webhook.ReceivedMedia, photo, voice, "third")
	if n := fault.Count(); n != 1 {
		t.Errorf("asking took %d exchanges", n)
	}
}

func TestAReadOnlyStoreStaysEmpty(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := rolls.New(server.Open(t, redis.Options{ReadOnly: true}), ring(t), rolls.Options{})
	enter(t, r, webhook.ReceivedMedia, photo)
	if dump := server.Dump(t); len(dump) != 0 {
		t.Errorf("%d keys were written", len(dump))
	}
	if on(t, r, "acme", webhook.ReceivedMedia, photo)[0] {
		t.Error("it was entered all the same")
	}
}
