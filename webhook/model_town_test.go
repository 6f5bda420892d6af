package webhook

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// chooser draws: rapid's, or the bytes of a fuzzer.
type chooser func(n int) int

// soul is a person as they are, whatever Bauta knows of them.
type soul struct {
	simulator.Person
	// had are all numbers and user ids that ever were theirs.
	had []string
	// open are the numbers that they have lifted the mask from, by scope.
	open map[string]string
	// proven: number and user id were seen together, so that nobody else's can be
	// taken for theirs.
	proven bool
	// forgotten: they were erased once. The event with which they open a scope may be
	// from before that.
	forgotten bool
}

// town is people who write, decide, move and forget, beside the reference: what the
// business may see of whom. It follows design 4.1 and 4.4, not the code.
type town struct {
	*parlour
	fail   func(format string, args ...any)
	pick   chooser
	souls  []*soul
	drawn  int
	past   [][]byte
	grave  *graveyard
	owners map[string]int
	asked  int
	log    []string
}

func newTown(t testing.TB, pick chooser, fail func(string, ...any)) *town {
	t.Helper()
	p := newParlour(t, func(b *Business) {
		b.Sharing.Words = sharing.Words{Share: []string{"share"}, Withdraw: []string{"hide"}}
		b.Sharing.OwnCardShares = pick(2) == 0
		b.Sharing.ShareNewNumber = pick(2) == 0
		b.Sharing.Native = pick(3) == 0
		b.Sharing.NewHandleOnWithdraw = pick(3) == 0
		if pick(3) == 0 {
			b.View.Shape = masking.ShapePhone
		}
	})
	g := p.buries()
	w := &town{parlour: p, fail: fail, pick: pick, grave: g, owners: map[string]int{}}
	for range 3 {
		s := &soul{open: map[string]string{}}
		w.renew(s, w.number(), w.userID())
		w.souls = append(w.souls, s)
	}
	return w
}

func (w *town) number() string {
	w.drawn++
	return fmt.Sprintf("1650555%04d", w.drawn)
}

func (w *town) userID() string {
	w.drawn++
	return fmt.Sprintf("US.74300000000%05d", w.drawn)
}

// renew gives a soul another number, another user id, or both.
func (w *town) renew(s *soul, number, user string) {
	s.Person = simulator.Person{Number: number, UserID: user}
	for _, identity := range []string{number, user} {
		if !slices.Contains(s.had, identity) {
			s.had = append(s.had, identity)
		}
	}
}

func (w *town) note(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

func (w *town) broke(format string, args ...any) {
	w.fail("%s\nafter:\n%s", fmt.Sprintf(format, args...), strings.Join(w.log, "\n"))
}

// scopes are those that things happen in.
func (w *town) scope() (scope, extra string) {
	if w.pick(3) == 0 {
		return lisbon, inLisbon
	}
	return Direct, ""
}

// shown is how an event shows a soul: by both, or where nothing can be mistaken by one.
func (w *town) shown(s *soul) simulator.Person {
	switch who := s.Person; {
	case !s.proven || w.pick(3) == 0:
		return who
	case w.pick(2) == 0:
		who.Number = ""
		return who
	default:
		who.UserID = ""
		return who
	}
}

// record is the customer whom a soul's user id leads to, nil if there is none.
func (w *town) record(s *soul) *Customer {
	id, _ := masking.IdentityOf(s.UserID)
	for _, c := range w.shelf.records {
		if c.claims(id) && c.MergedInto == "" {
			return clone(c)
		}
	}
	return nil
}

// deliver takes a body in, now and then over a broken store, and checks what comes out.
func (w *town) deliver(name string, body []byte, by *soul) {
	before := len(w.shelf.items)
	if w.pick(6) == 0 {
		w.shelf.steps = w.pick(12)
		w.note("(the store breaks at step %d)", w.shelf.steps)
	}
	err := w.Accept(context.Background(), "main", body)
	w.shelf.steps = -2
	if err != nil {
		if !errors.Is(err, errBroken) {
			w.broke("%s: %v", name, err)
		}
		if err := w.Accept(context.Background(), "main", body); err != nil {
			w.broke("%s, again: %v", name, err)
		}
	}
	w.note("%s: %s", name, kinds(w.shelf.items[before:]))
	w.past = append(w.past, body)
	items := w.shelf.items[before:]
	w.proveItems(items, by)
	w.proveRecords()
}

// proveItems: nothing shows who is masked, and no name of one is used of another.
func (w *town) proveItems(items []Item, by *soul) {
	for i := range items {
		item := &items[i]
		if slices.Contains(item.Endpoints, PlatformEndpoint) {
			continue
		}
		scope := Direct
		if strings.HasPrefix(string(item.Conversation), groupConversation) {
			scope = lisbon
		}
		says := string(item.Delivery.Body) + inside64(string(item.Delivery.Body))
		for _, s := range w.souls {
			for _, identity := range s.had {
				if strings.Contains(says, strings.TrimPrefix(identity, "US.")) && !w.mayShow(identity, scope) {
					w.broke("%s shows %s in %q, which nobody shares there: %s", item.Delivery.Kind, identity, scope, item.Delivery.Body)
				}
			}
		}
		if by == nil || item.Delivery.Handle == "" || item.Delivery.Field == ownField {
			continue
		}
		who := slices.Index(w.souls, by)
		if was, known := w.owners[item.Delivery.Handle]; known && was != who {
			w.broke("%s of person %d comes under the handle of person %d", item.Delivery.Kind, who, was)
		}
		w.owners[item.Delivery.Handle] = who
	}
}

func (w *town) mayShow(identity, scope string) bool {
	return slices.ContainsFunc(w.souls, func(s *soul) bool { return s.open[scope] == identity })
}

// inside64 are the decoded message ids of a text.
func inside64(text string) string {
	var out strings.Builder
	for _, id := range regexp.MustCompile(`wa[mc]id\.[A-Za-z0-9+/=_-]+`).FindAllString(text, -1) {
		raw, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(id[6:], "="))
		out.Write(raw)
	}
	return out.String()
}

// proveRecords: what is shared is what its owner shared, one identity leads to one
// record, one handle to one scope, and everything that follows from a record is in the
// ledger.
func (w *town) proveRecords() {
	identities, handles := map[masking.Identity]string{}, map[string]string{}
	for id, c := range w.shelf.records {
		if c.MergedInto != "" {
			continue
		}
		for _, l := range c.Links {
			if other := identities[l.Identity.Canonical()]; !l.Lost && other != "" && other != id {
				w.broke("an identity leads to two records")
			} else if !l.Lost {
				identities[l.Identity.Canonical()] = id
			}
		}
		if len(c.Lines) > 0 {
			w.broke("%d lines are not in the ledger", len(c.Lines))
		}
		for scope, s := range c.Scopes {
			for _, h := range append([]masking.Handle{s.Handle}, s.Former...) {
				at := id + scope
				if other := handles[h.Key()]; other != "" && other != at {
					w.broke("a handle names two")
				}
				handles[h.Key()] = at
			}
			if shows := c.shownIn(scope); !shows.IsZero() && !w.mayShow(shows.Reveal(), scope) {
				w.broke("%s is shown in %q, and nobody shares it there", shows.Reveal(), scope)
			}
			if s.Visibility == Visible || (s.Visibility == Shared) != (s.Sharing.State == sharing.Shared) {
				w.broke("in %q the customer is %v, and the state %v", scope, s.Visibility, s.Sharing.State)
			}
		}
	}
}

// stands wants a soul's scope to be shared, or not.
func (w *town) stands(s *soul, scope string) {
	c := w.record(s)
	if c == nil || c.Scopes[scope] == nil {
		return
	}
	want, got := s.open[scope], c.shownIn(scope)
	if want != "" != (!got.IsZero()) || want != "" && got.Reveal() != want {
		w.broke("in %q %q is shown, want %q", scope, got.Reveal(), want)
	}
}

// counts are lines and own events so far, by their kind.
func (w *town) counts() map[string]int {
	out := map[string]int{}
	for _, l := range w.shelf.ledger {
		out["line "+string(l.Type)]++
	}
	for i := range w.shelf.items {
		if w.shelf.items[i].Delivery.Field == ownField {
			out[w.shelf.items[i].Delivery.Kind]++
		}
	}
	return out
}

// once wants exactly one more of each kind.
func (w *town) once(before map[string]int, more ...string) {
	after := w.counts()
	for _, kind := range more {
		if after[kind] != before[kind]+1 {
			w.broke("%s: %d times, want once", kind, after[kind]-before[kind])
		}
	}
}

// snapshot is everything lasting but who has a question: whatever arrives is an
// occasion to ask, and to see that one is too old.
func (w *town) snapshot() string {
	var out []string
	for id, c := range w.shelf.records {
		text := id + " " + c.MergedInto
		for _, l := range c.Links {
			text += fmt.Sprintf(" %s:%v:%v", revealed(l.Identity), l.Lost, l.Ended.IsZero())
		}
		for _, scope := range slices.Sorted(maps.Keys(c.Scopes)) {
			s := c.Scopes[scope]
			state := s.Sharing.State
			if state == sharing.Waiting || state == sharing.Asked || state == sharing.Expired {
				state = sharing.Unasked
			}
			text += fmt.Sprintf(" %q:%s:%v:%v:%v", scope, s.Handle.Long, s.Visibility, state, s.Left.IsZero())
		}
		out = append(out, text)
	}
	slices.Sort(out)
	counts := w.counts()
	delete(counts, "line "+string(sharing.LineExpired))
	delete(counts, "line "+string(sharing.LineRefused)) // while nothing was decided nothing was refused
	// What waits for an event of its scope comes with one that comes again, too.
	maps.DeleteFunc(counts, func(kind string, _ int) bool { return !strings.HasPrefix(kind, "line ") })
	return strings.Join(out, "\n") + fmt.Sprint(counts)
}

// again redelivers anything from before: nothing changes.
func (w *town) again() {
	if len(w.past) == 0 {
		return
	}
	i := len(w.past) - 1 - w.pick(min(len(w.past), 8))
	w.now = w.now.Add(time.Second)
	was := w.snapshot()
	if err := w.Accept(context.Background(), "main", w.past[i]); err != nil {
		w.broke("redelivery: %v", err)
	}
	w.note("redelivery of body %d", i)
	if is := w.snapshot(); is != was {
		w.broke("a redelivery changes\n%s\nto\n%s\nby %s", was, is, w.past[i])
	}
}
