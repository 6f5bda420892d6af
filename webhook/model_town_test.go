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
	// ad: they come through an ad, and are never visible; nor is who is in doubt.
	ad, doubted bool
	// visible: they came without one, and are not hidden in the direct chat.
	visible bool
	// gone: they go on as somebody else, as far as anybody can tell. What was theirs
	// stays with the record from before.
	gone bool
}

// sent is a body that the platform sent, and when.
type sent struct {
	body []byte
	at   time.Time
}

// town is people who write, decide, move and forget, beside the reference: what the
// business may see of whom. It follows design 4.1 and 4.4, not the code.
type town struct {
	*parlour
	fail   func(format string, args ...any)
	pick   chooser
	souls  []*soul
	drawn  int
	past   []sent
	grave  *graveyard
	owners map[string]int
	asked  int
	log    []string
	// came counts what came into the lanes, by its id: nothing comes twice. others are
	// whom another node's events were of.
	came   map[string]int
	others map[string]*soul
	// together: another node worked at the same moment. torn: the store broke.
	together, torn bool
}

func newTown(t testing.TB, pick chooser, fail func(string, ...any)) *town {
	t.Helper()
	p := newParlour(t, func(b *Business) {
		b.Sharing.Words = sharing.Words{Share: []string{"share"}, Withdraw: []string{"hide"}, Erase: []string{"forget me"}}
		b.Sharing.OwnCardShares = pick(2) == 0
		b.Sharing.ShareNewNumber = pick(2) == 0
		b.Sharing.Native = pick(3) == 0
		b.Sharing.NewHandleOnWithdraw = pick(3) == 0
		if pick(3) == 0 {
			b.View.Shape = masking.ShapePhone
		}
	})
	g := p.buries()
	p.shelf.shows = pick(3) == 0
	w := &town{parlour: p, fail: fail, pick: pick, grave: g, owners: map[string]int{}, came: map[string]int{}, others: map[string]*soul{}}
	for range 3 {
		s := &soul{open: map[string]string{}, ad: pick(2) == 0}
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
	w.together = false
	switch w.pick(6) {
	case 0:
		w.shelf.steps = w.pick(12)
		w.note("(the store breaks at step %d)", w.shelf.steps)
	case 1:
		w.beside(body, by)
	}
	err := w.Accept(context.Background(), "main", body)
	w.shelf.other()
	w.shelf.steps = -2
	w.torn = err != nil
	if err != nil {
		if !errors.Is(err, errBroken) {
			w.broke("%s: %v", name, err)
		}
		if err := w.Accept(context.Background(), "main", body); err != nil {
			w.broke("%s, again: %v", name, err)
		}
	}
	w.note("%s: %s", name, kinds(w.shelf.items[before:]))
	w.past = append(w.past, sent{body, w.now})
	w.prove(before, by)
}

// prove checks what came since, and what there is.
func (w *town) prove(before int, by *soul) {
	w.sees()
	w.proveItems(w.shelf.items[before:], by)
	w.proveRecords()
}

// sees notes who is visible by now: only who came without an ad, and was never in
// doubt, can have become it.
func (w *town) sees() {
	if !w.shelf.shows {
		return
	}
	for _, s := range w.souls {
		c := w.record(s)
		visible := c != nil && c.Scopes[Direct] != nil && c.Scopes[Direct].Visibility == Visible
		if visible && !s.visible && !s.gone && (s.ad || s.forgotten || s.doubted) {
			w.broke("%v is visible", s.Person)
		}
		s.visible = s.visible || visible
	}
}

// proveItems: nothing shows who is masked, and no name of one is used of another.
func (w *town) proveItems(items []Item, by *soul) {
	for i := range items {
		item := &items[i]
		if w.came[item.Delivery.ID]++; w.came[item.Delivery.ID] > 1 {
			w.broke("%s comes twice", item.Delivery.Kind)
		}
		by := by
		if other := w.others[item.Delivery.ID]; other != nil {
			by = other
		}
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
	return slices.ContainsFunc(w.souls, func(s *soul) bool {
		return s.open[scope] == identity || scope == Direct && s.visible && slices.Contains(s.had, identity)
	})
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
				w.broke("%s leads to two records, %s and %s\n%s", revealed(l.Identity), other, id, w.snapshot())
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
			if (s.Visibility == Visible) && (scope != Direct || !w.shelf.shows) || (s.Visibility == Shared) != (s.Sharing.State == sharing.Shared) {
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
	if c.Scopes[scope].Visibility == Visible {
		delete(s.open, scope) // there is nothing to share
		return
	}
	want, got := s.open[scope], c.shownIn(scope)
	if want != "" != (!got.IsZero()) || want != "" && got.Reveal() != want {
		w.broke("in %q %q is shown, want %q", scope, got.Reveal(), want)
	}
}

// counts are lines and own events so far, by their kind, with those that are still to be
// told.
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
	for _, c := range w.shelf.records {
		for _, d := range c.Due {
			if _, id := eventID(w.PRF, "acme", []string{"due", d.ID}); w.came[id] == 0 {
				out[d.Kind]++
			}
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

func (w *town) accepts(body []byte) {
	if err := w.Accept(context.Background(), "main", body); err != nil {
		w.broke("again: %v", err)
	}
}

// again redelivers anything from before: nothing changes.
func (w *town) again() {
	// The platform sends again for 7 days.
	w.past = slices.DeleteFunc(w.past, func(s sent) bool { return w.now.Sub(s.at) > 7*24*time.Hour })
	if len(w.past) == 0 {
		return
	}
	i := len(w.past) - 1 - w.pick(min(len(w.past), 8))
	w.now = w.now.Add(time.Second)
	was, before := w.snapshot(), len(w.shelf.items)
	if w.pick(4) == 0 {
		w.shelf.turns = w.pick(8)
		w.shelf.meanwhile = func() { w.accepts(w.past[i].body) }
	}
	w.accepts(w.past[i].body)
	w.shelf.other()
	w.note("redelivery of body %d", i)
	w.prove(before, nil)
	if is := w.snapshot(); is != was {
		w.broke("a redelivery changes\n%s\nto\n%s\nby %s", was, is, w.past[i].body)
	}
}
