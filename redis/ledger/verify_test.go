package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/redis/ledger"
	"bauta/redis/redistest"
	"bauta/redis/vault"
)

func TestAReportSaysWhatWasVerified(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		for n := range 6 {
			r.add(lines(n*100, n*100+100)...)
		}
		head := r.add(line(600))
		var told []string
		got, err := r.Verify(r.Context(), acme, func(done, total int64) { told = append(told, fmt.Sprintf("%d/%d", done, total)) })
		want := ledger.Report{Business: acme, Head: head, Lines: 601, First: line(0).At, Last: line(600).At}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			r.Errorf("report (%v) (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff([]string{"256/601", "512/601", "601/601"}, told); diff != "" {
			r.Errorf("progress (-want +got):\n%s", diff)
		}
	})
}

// stranger is somebody who can write to Redis; with the keys, where forge is used.
type stranger struct {
	*room
	client     goredis.UniversalClient
	list, head string
	// early is the ledger's head when it had six lines.
	early map[string]string
}

func (s *stranger) at(seq int64) string { return s.client.LIndex(s.Context(), s.list, seq-1).Val() }

func (s *stranger) put(seq int64, text string) {
	s.Helper()
	check(s, s.client.LSet(s.Context(), s.list, seq-1, text).Err())
}

func (s *stranger) take(seq int64) {
	s.Helper()
	s.put(seq, "taken")
	check(s, s.client.LRem(s.Context(), s.list, 1, "taken").Err())
}

func (s *stranger) set(field string, value any) {
	s.Helper()
	check(s, s.client.HSet(s.Context(), s.head, field, value).Err())
}

// forge writes a line in a place with the business's key and a chain of its own.
func (s *stranger) forge(seq int64, prev string, spoil func(*sharing.Line)) {
	s.Helper()
	key, err := vault.New(s.store, s.room.set, vault.Options{}).BusinessKey(s.Context(), acme)
	check(s, err)
	l := line(int(seq - 1))
	spoil(&l)
	sealed, err := ledger.Seal(key, l.Encode(seq, acme, prev), acme, seq)
	check(s, err)
	s.put(seq, string(sealed))
}

func newStranger(r *room) *stranger {
	names := r.store.Keys()
	s := &stranger{room: r, client: r.store.Client(), list: names.Ledger(acme), head: names.LedgerHead(acme)}
	r.add(lines(0, 6)...)
	s.early = s.client.HGetAll(r.Context(), s.head).Val()
	r.add(lines(6, 10)...)
	return s
}

func TestTamperingIsFoundInItsPlace(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		do   func(s *stranger)
		want ledger.Fault
	}{
		{"a bit of a line is changed", func(s *stranger) {
			text := []byte(s.at(4))
			text[len(text)-1] ^= 1
			s.put(4, string(text))
		}, ledger.Fault{Kind: ledger.Changed, Seq: 4}},
		{"a line is emptied", func(s *stranger) { s.put(4, "") }, ledger.Fault{Kind: ledger.Changed, Seq: 4}},
		{"an earlier line stands in the place of another", func(s *stranger) { s.put(4, s.at(2)) }, ledger.Fault{Kind: ledger.Changed, Seq: 4}},
		{"a later line stands in the place of another", func(s *stranger) { s.put(4, s.at(7)) }, ledger.Fault{Kind: ledger.Missing, Seq: 4}},
		{"a line says that it is another", func(s *stranger) { s.put(4, "\x04"+s.at(5)[1:]) }, ledger.Fault{Kind: ledger.Changed, Seq: 4}},
		{"two lines change places", func(s *stranger) {
			four, five := s.at(4), s.at(5)
			s.put(4, five)
			s.put(5, four)
		}, ledger.Fault{Kind: ledger.Missing, Seq: 4}},
		{"a line is taken away", func(s *stranger) { s.take(4) }, ledger.Fault{Kind: ledger.Missing, Seq: 4}},
		{"the first line is taken away", func(s *stranger) { s.take(1) }, ledger.Fault{Kind: ledger.Missing, Seq: 1}},
		{"a line is put in", func(s *stranger) {
			check(s, s.client.LInsertAfter(s.Context(), s.list, s.at(3), s.at(3)).Err())
		}, ledger.Fault{Kind: ledger.Changed, Seq: 4}},
		{"a line is put behind the last", func(s *stranger) {
			check(s, s.client.RPush(s.Context(), s.list, s.at(10)).Err())
		}, ledger.Fault{Kind: ledger.Surplus, Seq: 11}},
		{"the tail is cut off", func(s *stranger) {
			check(s, s.client.LTrim(s.Context(), s.list, 0, 7).Err())
		}, ledger.Fault{Kind: ledger.Shortened, Seq: 9}},
		{"all lines are gone", func(s *stranger) { check(s, s.client.Del(s.Context(), s.list).Err()) }, ledger.Fault{Kind: ledger.Shortened, Seq: 1}},
		{"the head has another hash", func(s *stranger) { s.set("hash", strings.Repeat("a", 64)) }, ledger.Fault{Kind: ledger.ForgedHead, Seq: 10}},
		{"the tail is cut off, and the head's seq fits", func(s *stranger) {
			s.set("seq", 9)
			check(s, s.client.LTrim(s.Context(), s.list, 0, 8).Err())
		}, ledger.Fault{Kind: ledger.ForgedHead, Seq: 9}},
		{"the head is not signed", func(s *stranger) { s.set("signed", "") }, ledger.Fault{Kind: ledger.ForgedHead, Seq: 10}},
		{"the head is signed for another business", func(s *stranger) {
			other, err := s.Append(s.Context(), "umbrella", lines(0, 10))
			check(s, err)
			s.set("signed", other.Signed)
			s.set("hash", other.Hash)
		}, ledger.Fault{Kind: ledger.ForgedHead, Seq: 10}},
		{"the head is gone", func(s *stranger) { check(s, s.client.Del(s.Context(), s.head).Err()) }, ledger.Fault{Kind: ledger.ForgedHead, Seq: 0}},
		{"an older head is put back", func(s *stranger) {
			check(s, s.client.HSet(s.Context(), s.head, s.early).Err())
		}, ledger.Fault{Kind: ledger.Surplus, Seq: 7}},
		{"the first lines are cut off, with a head recorded then", func(s *stranger) {
			s.set("base", s.early["seq"])
			s.set("basehash", s.early["hash"])
			s.set("basesigned", s.early["signed"])
			check(s, s.client.LTrim(s.Context(), s.list, 6, -1).Err())
		}, ledger.Fault{Kind: ledger.ForgedBase, Seq: 6}},
		{"with the keys a line is written anew", func(s *stranger) {
			before, err := s.Page(s.Context(), acme, 2, 1)
			check(s, err)
			s.forge(4, sharing.HashOf(before[0].Raw), func(l *sharing.Line) { l.Action = "keyword" })
		}, ledger.Fault{Kind: ledger.Changed, Seq: 4}},
		{"with the keys the first line is chained to another", func(s *stranger) {
			s.forge(1, strings.Repeat("a", 64), func(*sharing.Line) {})
		}, ledger.Fault{Kind: ledger.Changed, Seq: 1}},
		{"with the keys the last line is written anew", func(s *stranger) {
			before, err := s.Page(s.Context(), acme, 8, 1)
			check(s, err)
			s.forge(10, sharing.HashOf(before[0].Raw), func(l *sharing.Line) { l.Type = sharing.LineDeclined })
		}, ledger.Fault{Kind: ledger.Changed, Seq: 10}},
	}
	server := redistest.Standalone(t)
	for n, row := range rows {
		// Each row has a store of its own within the server.
		check(t, server.Client.FlushAll(t.Context()).Err())
		store := server.Open(t, redis.Options{})
		s := newStranger(newRoom(t, store))
		row.do(s)
		got, err := s.Verify(t.Context(), acme, nil)
		if err != nil || got.Fault == nil || *got.Fault != row.want {
			t.Errorf("%d, %s: %v (%v), want %s of line %d", n, row.name, got.Fault, err, row.want.Kind, row.want.Seq)
			continue
		}
		if strings.Count(got.Fault.String(), fmt.Sprint(row.want.Seq)) != 1 {
			t.Errorf("%s: %q does not name the line", row.name, got.Fault)
		}
		s.coversNothing(row.name, row.want)
	}
}

// coversNothing appends, if it can, and looks again.
func (s *stranger) coversNothing(name string, want ledger.Fault) {
	s.Helper()
	if _, err := s.Append(s.Context(), acme, lines(10, 12)); err != nil && !errors.Is(err, ledger.ErrFault) {
		s.Errorf("%s: an append came to %v", name, err)
	}
	if got, err := s.Verify(s.Context(), acme, nil); err != nil || got.Fault == nil || *got.Fault != want {
		s.Errorf("%s: after an append: %v (%v)", name, got.Fault, err)
	}
}

// The package comment says so: a ledger as it was once is whole. A later head tells.
func TestAnOlderStateIsNotToldFromTheTruth(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		s := newStranger(r)
		check(r, s.client.HSet(r.Context(), s.head, s.early).Err())
		check(r, s.client.LTrim(r.Context(), s.list, 0, 5).Err())
		if got, err := s.Verify(r.Context(), acme, nil); err != nil || got.Fault != nil || got.Lines != 6 {
			r.Errorf("%d lines, %v %v", got.Lines, got.Fault, err)
		}
	})
}

func TestWhatEndsAtAFaultIsReadUpToIt(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		do   func(s *stranger)
		want int
	}{
		{"a line is taken away", func(s *stranger) { s.take(4) }, 3},
		{"the tail is cut off", func(s *stranger) { check(s, s.client.LTrim(s.Context(), s.list, 0, 7).Err()) }, 8},
		{"a line is put behind the last", func(s *stranger) { check(s, s.client.RPush(s.Context(), s.list, s.at(10)).Err()) }, 10},
		{"an older head is put back", func(s *stranger) { check(s, s.client.HSet(s.Context(), s.head, s.early).Err()) }, 6},
		{"all lines are gone", func(s *stranger) { check(s, s.client.Del(s.Context(), s.list).Err()) }, 0},
	}
	for _, row := range rows {
		s := newStranger(newRoom(t, redistest.Embedded(t, redis.Options{})))
		row.do(s)
		page, err := s.Page(t.Context(), acme, 0, 100)
		if len(page) != row.want || !errors.Is(err, ledger.ErrFault) {
			t.Errorf("%s: %d lines, %v", row.name, len(page), err)
		}
	}
}

func TestOtherKeysReadNothing(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		r.add(lines(0, 3)...)
		set := ring(r)
		other := ledger.New(ledger.Options{
			Store: r.store, Keys: stolen{set}, Signer: sharing.NewSigner(set), PRF: set,
		})
		if page, err := other.Page(r.Context(), acme, 0, 10); len(page) != 0 || !errors.Is(err, ledger.ErrFault) {
			r.Errorf("%d lines, %v", len(page), err)
		}
		if _, err := other.Head(r.Context(), acme); !errors.Is(err, ledger.ErrFault) {
			r.Errorf("the head: %v", err)
		}
		if _, err := other.Append(r.Context(), acme, lines(3, 4)); !errors.Is(err, ledger.ErrFault) {
			r.Errorf("an append: %v", err)
		}
	})
}

func TestPruningKeepsTheRestWhole(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		head := r.add(lines(0, 400)...)
		for _, row := range []struct{ before, dropped, first int }{{0, 0, 0}, {5, 5, 5}, {5, 0, 5}, {300, 295, 300}} {
			n, err := r.Prune(r.Context(), acme, line(row.before).At)
			if n != row.dropped || err != nil {
				r.Fatalf("dropped %d (%v), want %d", n, err, row.dropped)
			}
			entries := r.whole()
			if entries[0].Seq != int64(row.first+1) || entries[0].Line.ID != line(row.first).ID || len(entries) != 400-row.first {
				r.Errorf("%d lines from %d on, want those from %d on", len(entries), entries[0].Seq, row.first+1)
			}
		}
		if got := r.add(line(399)); got != head {
			r.Errorf("a line that is kept is in it again, at %d", got.Seq)
		}
		if got := r.add(line(3)); got.Seq != 401 {
			r.Errorf("a line that was dropped is at %d, want 401", got.Seq)
		}
		n, err := r.Prune(r.Context(), acme, line(1000).At)
		if n != 100 || err != nil || len(r.whole()) != 1 {
			r.Errorf("dropped %d (%v), want 100: the last line stays", n, err)
		}
		report, err := r.Verify(r.Context(), acme, nil)
		if report.Dropped != 400 || report.Lines != 1 || err != nil {
			r.Errorf("the report says %d dropped, %d there (%v)", report.Dropped, report.Lines, err)
		}
		if r.add(lines(1000, 1003)...).Seq != 404 || len(r.whole()) != 4 {
			r.Error("what comes after is not chained")
		}
	})
}

func TestAFaultyLedgerIsNotPruned(t *testing.T) {
	t.Parallel()
	s := newStranger(newRoom(t, redistest.Embedded(t, redis.Options{})))
	before, err := s.Page(t.Context(), acme, 2, 1)
	check(t, err)
	s.forge(4, sharing.HashOf(before[0].Raw), func(l *sharing.Line) { l.Action = "keyword" })
	if n, err := s.Prune(t.Context(), acme, line(8).At); n != 0 || !errors.Is(err, ledger.ErrFault) {
		t.Errorf("a changed line: dropped %d, %v", n, err)
	}
	s.set("hash", "")
	if n, err := s.Prune(t.Context(), acme, line(2).At); n != 0 || !errors.Is(err, ledger.ErrFault) {
		t.Errorf("a forged head: dropped %d, %v", n, err)
	}
}

func TestPruningThatBreaksGoesOn(t *testing.T) {
	t.Parallel()
	for _, unsent := range []bool{true, false} {
		fault := &redistest.Fault{}
		store := redistest.Standalone(t).Open(t, redis.Options{Hooks: []goredis.Hook{fault}})
		r := newRoom(t, store)
		r.add(lines(0, 300)...)
		fault.Arm(0, unsent)
		for at := 1; at <= 4; at++ {
			fault.Arm(at, unsent)
			if _, err := r.Prune(t.Context(), acme, line(280).At); !errors.Is(err, redis.ErrUnavailable) && at <= fault.Count() {
				t.Errorf("exchange %d is cut: %v", at, err)
			}
			fault.Arm(0, unsent)
			r.whole()
		}
		if _, err := r.Prune(t.Context(), acme, line(280).At); err != nil {
			t.Error(err)
		}
		if entries := r.whole(); len(entries) != 20 || entries[0].Seq != 281 {
			t.Errorf("%d lines from %d on", len(entries), entries[0].Seq)
		}
	}
}

func TestALedgerIsVerifiedWhileItGrowsAndIsPruned(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Standalone(t).Open(t, redis.Options{}))
	r.add(lines(0, 1000)...)
	more := 1000
	report, err := r.Verify(t.Context(), acme, func(done, _ int64) {
		r.add(lines(more, more+300)...)
		more += 300
		if _, err := r.Prune(t.Context(), acme, noon().Add(time.Duration(done+100)*time.Minute)); err != nil {
			t.Error(err)
		}
	})
	if err != nil || report.Fault != nil || report.Head.Seq != 1000 {
		t.Errorf("%d lines up to %d, %v %v", report.Lines, report.Head.Seq, report.Fault, err)
	}
}
