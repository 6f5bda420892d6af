package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/redis/ledger"
	"bauta/redis/redistest"
)

func TestLinesStandInTheirOrderChainedAndVouchedFor(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		first := r.add(lines(0, 3)...)
		head := r.add(lines(3, 5)...)
		entries := r.whole()
		if diff := cmp.Diff([]string{"act_0", "act_1", "act_2", "act_3", "act_4"}, ids(entries)); diff != "" {
			r.Errorf("ids (-want +got):\n%s", diff)
		}
		prev := strings.Repeat("0", 64)
		for i, e := range entries {
			var raw struct {
				Seq            int64
				Business, Prev string
			}
			check(r, json.Unmarshal(e.Raw, &raw))
			if raw.Seq != int64(i+1) || e.Seq != raw.Seq || raw.Business != acme || raw.Prev != prev {
				r.Errorf("line %d says it is %d of %s behind %s", i+1, raw.Seq, raw.Business, raw.Prev)
			}
			sum := sha256.Sum256(e.Raw)
			prev = hex.EncodeToString(sum[:])
			if diff := cmp.Diff(line(i), e.Line); diff != "" {
				r.Errorf("line (-want +got):\n%s", diff)
			}
		}
		if first.Seq != 3 || head.Seq != 5 || head.Hash != prev {
			r.Errorf("heads %d and %d %s, want 3 and 5 %s", first.Seq, head.Seq, head.Hash, prev)
		}
		business, seq, hash, err := r.signer.Verify(head.Signed)
		if business != acme || seq != 5 || hash != prev || err != nil {
			r.Errorf("signed for %s, %d, %s (%v)", business, seq, hash, err)
		}
		if read, err := r.Head(r.Context(), acme); read != head || err != nil {
			r.Errorf("the head reads %v, %v", read, err)
		}
	})
}

func TestALineIsInTheLedgerOnce(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		head := r.add(line(0), line(1), line(0))
		for name, again := range map[string][]sharing.Line{"all": lines(0, 2), "one": {line(1)}, "none": nil} {
			if got := r.add(again...); got != head {
				r.Errorf("%s again: head %v, want that of before", name, got.Seq)
			}
		}
		if got := r.add(line(1), line(2), line(0)); got.Seq != 3 {
			r.Errorf("one of three is new: head %d, want 3", got.Seq)
		}
		if got, err := nodeOf(r.store, r.set).Append(r.Context(), "umbrella", lines(0, 1)); got.Seq != 1 || err != nil {
			r.Errorf("another business's line with the same id: head %d, %v", got.Seq, err)
		}
		if diff := cmp.Diff([]string{"act_0", "act_1", "act_2"}, ids(r.whole())); diff != "" {
			r.Errorf("ids (-want +got):\n%s", diff)
		}
	})
}

func TestAnEmptyLedgerIsWhole(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		if head, err := r.Head(r.Context(), acme); head != (sharing.Head{}) || err != nil {
			r.Errorf("head %v, %v", head, err)
		}
		if len(r.whole()) != 0 || r.add() != (sharing.Head{}) {
			r.Error("it has lines")
		}
		if n, err := r.Prune(r.Context(), acme, noon()); n != 0 || err != nil {
			r.Errorf("pruned %d, %v", n, err)
		}
	})
}

func TestManyNodesMakeOneChain(t *testing.T) {
	t.Parallel()
	const nodes, callers, each = 4, 8, 25
	store := redistest.Standalone(t).Open(t, redis.Options{})
	r := newRoom(t, store)
	var all sync.WaitGroup
	for n := range nodes {
		node := nodeOf(store, r.set)
		for c := range callers {
			all.Go(func() {
				last := int64(0)
				for i := range each {
					// Every line is appended on two nodes.
					own := line((n/2*callers+c)*each + i)
					head, err := node.Append(t.Context(), acme, []sharing.Line{own})
					if err != nil || head.Seq < last {
						t.Errorf("head %d after %d, %v", head.Seq, last, err)
						return
					}
					last = head.Seq
				}
			})
		}
	}
	all.Wait()
	entries, seen := r.whole(), map[string]bool{}
	for _, id := range ids(entries) {
		if seen[id] {
			t.Errorf("%s is in it twice", id)
		}
		seen[id] = true
	}
	head, err := r.Head(t.Context(), acme)
	if want := nodes / 2 * callers * each; err != nil || len(entries) != want || head.Seq != int64(want) {
		t.Errorf("%d lines, head %d, %v; want %d", len(entries), head.Seq, err, want)
	}
	t.Logf("%d lines", len(entries))
}

func TestLinesOfOneCallStayInOrderAmongThoseOfOthers(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}))
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			if _, err := r.Append(t.Context(), acme, lines(n*20, n*20+20)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	last := map[int]int{}
	for _, id := range ids(r.whole()) {
		var n int
		_, err := fmt.Sscanf(id, "act_%d", &n)
		check(t, err)
		if want := last[n/20]; n%20 != want {
			t.Fatalf("line %d of a call stands where line %d should", n%20, want)
		}
		last[n/20]++
	}
}

// Whatever is cut off, before or after the server did it: the lines are appended again,
// and are in it once.
func TestAnAppendThatBreaksIsRepeated(t *testing.T) {
	t.Parallel()
	for _, unsent := range []bool{true, false} {
		fault := &redistest.Fault{}
		store := redistest.Standalone(t).Open(t, redis.Options{Hooks: []goredis.Hook{fault}})
		r := newRoom(t, store)
		r.add(lines(0, 2)...)
		fault.Arm(0, unsent)
		r.add(lines(2, 4)...)
		exchanges := fault.Count()
		if exchanges == 0 {
			t.Fatal("no exchange was counted")
		}
		for at := 1; at <= exchanges; at++ {
			more := lines(4*at, 4*at+3)
			fault.Arm(at, unsent)
			if _, err := r.Append(t.Context(), acme, more); !errors.Is(err, redis.ErrUnavailable) {
				t.Fatalf("exchange %d is cut, unsent %v: %v, want ErrUnavailable", at, unsent, err)
			}
			fault.Arm(0, unsent)
			r.whole()
			want := int64(1 + 3*(at-1) + 3 + 3)
			if head := r.add(more...); head.Seq != want {
				t.Errorf("exchange %d is cut, unsent %v: head %d, want %d", at, unsent, head.Seq, want)
			}
			r.whole()
		}
	}
}

func TestPagesFollowOneAnother(t *testing.T) {
	t.Parallel()
	each(t, func(r *room) {
		r.add(lines(0, 7)...)
		for _, row := range []struct {
			after int64
			limit int
			want  []string
		}{
			{0, 3, []string{"act_0", "act_1", "act_2"}},
			{3, 3, []string{"act_3", "act_4", "act_5"}},
			{6, 3, []string{"act_6"}},
			{7, 3, nil},
			{99, 3, nil},
			{-1, 1, []string{"act_0"}},
			{2, 0, []string{"act_2"}},
		} {
			page, err := r.Page(r.Context(), acme, row.after, row.limit)
			if diff := cmp.Diff(row.want, ids(page)); diff != "" || err != nil {
				r.Errorf("%d lines behind %d (%v) (-want +got):\n%s", row.limit, row.after, err, diff)
			}
		}
	})
}

func TestWhatIsNoLineIsRefused(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}))
	for name, spoil := range map[string]func(*sharing.Line){
		"no id": func(l *sharing.Line) { l.ID = "" }, "another type": func(l *sharing.Line) { l.Type = "sold" },
	} {
		bad := line(1)
		spoil(&bad)
		if _, err := r.Append(t.Context(), acme, []sharing.Line{line(0), bad}); !errors.Is(err, sharing.ErrLine) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.Append(t.Context(), "", lines(0, 1)); !errors.Is(err, ledger.ErrBusiness) {
		t.Errorf("no business: %v", err)
	}
	if n := len(r.whole()); n != 0 {
		t.Errorf("%d lines are in it", n)
	}
}

func TestOfALedgerNothingIsReadableInRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}))
	r.add(lines(0, 3)...)
	for name, value := range server.Dump(t) {
		for _, secret := range []string{"9041174520836617350284", "act_1", "bauta_button", "mUY0Pz3bF5bq2n1X"} {
			if strings.Contains(name, secret) || strings.Contains(value, secret) {
				t.Errorf("%s shows %q", name, secret)
			}
		}
	}
}

func TestScriptsDeclareTheirKeys(t *testing.T) {
	t.Parallel()
	for _, source := range ledger.Sources() {
		redistest.DeclaredKeysOnly(t, source)
	}
}

func TestAStoreThatIsOnlyReadStaysAsItIs(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}))
	head := r.add(lines(0, 2)...)
	reader := nodeOf(server.Open(t, redis.Options{ReadOnly: true}), r.set)
	if got, err := reader.Append(t.Context(), acme, lines(2, 3)); got != head || err != nil {
		t.Errorf("head %d, %v", got.Seq, err)
	}
	if n := len(r.whole()); n != 2 {
		t.Errorf("%d lines, want 2", n)
	}
}
