package webhook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bauta/masking"
	"bauta/masking/sharing"
)

// Random histories against the reference: whatever happens, in whatever order, what
// is masked stays masked, names stay with their people, and everything happens once.
func TestRandomHistoriesOfPeopleWhoDecide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "n") }
		w := newTown(t, pick, rt.Fatalf)
		for range 25 {
			w.step()
		}
	})
}

func (w *town) step() {
	s := w.soul()
	if s.ad && w.shelf.shows && w.record(s) == nil {
		w.enters(s)
		return
	}
	switch w.pick(21) {
	case 0, 1, 2:
		w.writes(s)
	case 3:
		w.saysShare(s)
	case 4:
		w.saysHide(s)
	case 5:
		w.taps(s, sharing.ActShare)
	case 6:
		w.taps(s, sharing.ActDecline)
	case 7:
		w.asksForge(s)
	case 8:
		w.attests(s)
	case 9:
		w.changesNumber(s)
	case 10:
		w.turnsUp(s)
	case 11:
		w.reassigned(s)
	case 12:
		w.movesOn(s)
	case 13:
		w.calls(s)
	case 14:
		w.now = w.now.Add([]time.Duration{time.Hour, 26 * time.Hour, 8 * 24 * time.Hour}[w.pick(3)])
		w.note("time goes by: %s", w.now.UTC())
	case 15, 16:
		w.changesLate(s)
	case 17:
		w.changesUserID(s)
	case 18:
		w.comesApart(s)
	case 19:
		w.wantsOut(s)
	default:
		w.again()
	}
}

func (w *town) seen(s *soul, both bool) {
	if both {
		s.proven = true
	}
}

func (w *town) writes(s *soul) {
	scope, extra := w.scope()
	who := w.shown(s)
	if scope == Direct {
		extra = w.advert(s)
	}
	body := w.message(who, text(fmt.Sprintf("Hello %d", w.stanzas)), extra)
	w.seen(s, who.Number != "" && who.UserID != "")
	w.deliver(fmt.Sprintf("%v writes in %q", who, scope), body, s)
	w.stands(s, scope)
}

// Words are of a whole message, in every scope.
func (w *town) saysShare(s *soul) {
	scope, extra := w.scope()
	already, before := s.open[scope] != "", w.counts()
	s.proven = true
	if already = already || s.forgotten && w.opens(s, scope); !already {
		s.open[scope] = s.Number
	}
	w.deliver(fmt.Sprintf("%v says share in %q", s.Person, scope), w.message(s.Person, text("share"), extra), s)
	w.stands(s, scope)
	if !already && s.open[scope] != "" {
		w.once(before, "number_shared", "line shared")
	}
}

// opens tells that the soul's next event opens a scope.
func (w *town) opens(s *soul, scope string) bool {
	c := w.record(s)
	return c == nil || c.Scopes[scope] == nil || c.Scopes[scope].Visibility == Undecided || !c.Scopes[scope].Left.IsZero()
}

func (w *town) saysHide(s *soul) {
	scope, extra := w.scope()
	shared, before := s.open[scope] != "", w.counts()
	delete(s.open, scope)
	s.proven = true
	w.deliver(fmt.Sprintf("%v says hide in %q", s.Person, scope), w.message(s.Person, text("hide"), extra), s)
	w.stands(s, scope)
	if shared {
		w.once(before, "number_withdrawn", "line withdrawn")
	}
}

// taps has the present question reach the customer, and be answered.
func (w *town) taps(s *soul, action sharing.Action) {
	c := w.record(s)
	if c == nil {
		return
	}
	for _, scope := range slices.Sorted(maps.Keys(c.Scopes)) {
		standing := c.Scopes[scope]
		q := standing.Sharing.Question
		if standing.Sharing.State != sharing.Asked || q.Native || !w.now.Before(q.Expires) {
			continue
		}
		w.asked++
		stanza := q.Stanza
		if stanza == "" {
			stanza = fmt.Sprintf("3EB0QUESTION%08d", w.asked)
			e := Errand{Kind: ErrandQuestion, Scope: scope, Question: q.ID}
			if err := w.consents.Sent(context.Background(), w.business, c, Told{e, sharing.Message{Language: "en", Version: "1", Hash: "00", Body: "?"}, stanza}); err != nil {
				w.broke("sent: %v", err)
			}
		}
		token := w.tokens.Issue(sharing.Claims{
			Business: "acme", Handle: standing.Handle.Key(), Scope: scope, Action: action, Question: q.ID, Expires: w.now.Add(time.Hour),
		})
		before := w.counts()
		line := "line declined"
		if action == sharing.ActShare {
			s.open[scope] = s.Number
			line = "line shared"
		}
		s.proven = true
		w.deliver(fmt.Sprintf("%v taps %v for %q", s.Person, action, scope), w.tap(s.Person, token, stanza), s)
		w.stands(s, scope)
		w.once(before, line)
		return
	}
}

// asksForge is a tap on what is no button of this customer's: it changes nothing.
func (w *town) asksForge(s *soul) {
	other := w.record(w.souls[w.pick(len(w.souls))])
	if other == nil || w.record(s) == nil || other.ID == w.record(s).ID {
		return
	}
	for _, scope := range slices.Sorted(maps.Keys(other.Scopes)) {
		standing := other.Scopes[scope]
		token := w.tokens.Issue(sharing.Claims{
			Business: "acme", Handle: standing.Handle.Key(), Scope: scope, Action: sharing.ActShare,
			Question: standing.Sharing.Question.ID, Expires: w.now.Add(time.Hour),
		})
		s.proven = true
		w.deliver(fmt.Sprintf("%v taps a button of another", s.Person), w.tap(s.Person, token, standing.Sharing.Question.Stanza), s)
		w.stands(s, Direct)
		return
	}
}

// attests answers the platform's own request, which counts while one is pending.
func (w *town) attests(s *soul) {
	c := w.record(s)
	pending := false
	if c != nil && c.Scopes[Direct] != nil {
		d := &c.Scopes[Direct].Sharing
		pending = d.State == sharing.Asked && d.Question.Native && w.now.Add(5*time.Second).Before(d.Question.Expires)
	}
	if pending {
		s.open[Direct] = s.Number
	}
	s.proven = true
	card := fmt.Sprintf(`"type":"contacts","contacts":[{"origin":"contact_request","phones":[{"phone":"+%s","wa_id":"%s","type":"CELL"}]}]`, s.Number, s.Number)
	w.deliver(fmt.Sprintf("%v answers the platform, pending: %v", s.Person, pending), w.message(s.Person, card, ""), s)
	w.stands(s, Direct)
}

// changesNumber is announced by the platform, in one of its forms.
func (w *town) changesNumber(s *soul) {
	if !s.proven {
		return
	}
	old, next := s.Person, w.number()
	user, ids := old.UserID, ""
	if w.pick(2) == 0 {
		user = w.userID()
		ids = fmt.Sprintf(`"user_id":"%s","previous_user_id":"%s",`, user, old.UserID)
	}
	w.renew(s, next, user)
	w.reveals(s)
	old.UserID = ""
	content := fmt.Sprintf(`"type":"system","system":{"type":"user_changed_number","wa_id":"%s",%s"body":"User changed from %s to %s"}`, next, ids, old.Number, next)
	w.deliver(fmt.Sprintf("%v becomes %v", old, s.Person), w.message(old, content, ""), nil)
	w.stands(s, Direct)
	w.stands(s, lisbon)
}

// reveals: after a change of number a share goes on only where that is configured.
func (w *town) reveals(s *soul) {
	for scope := range s.open {
		delete(s.open, scope)
		if w.business.Sharing.ShareNewNumber {
			s.open[scope] = s.Number
		}
	}
}

// turnsUp is a new number that nobody announced, under the same user id.
func (w *town) turnsUp(s *soul) {
	if w.record(s) == nil || w.record(s).Number().IsZero() {
		return
	}
	w.renew(s, w.number(), s.UserID)
	w.reveals(s)
	w.deliver(fmt.Sprintf("%v turns up", s.Person), w.message(s.Person, text("New phone"), ""), s)
	w.stands(s, Direct)
}

// reassigned: a number goes to somebody whom nobody knows; its owner is seen by the
// user id alone from now on.
func (w *town) reassigned(s *soul) {
	if !s.proven || len(w.souls) > 8 {
		return
	}
	other := &soul{open: map[string]string{}, proven: true, doubted: true}
	w.renew(other, s.Number, w.userID())
	s.had = slices.DeleteFunc(s.had, func(i string) bool { return i == s.Number })
	w.souls = append(w.souls, other)
	// What names a number alone is its present owner's: the platform names both.
	w.past = nil
	shared := maps.Clone(s.open)
	clear(s.open)
	w.renew(s, w.number(), s.UserID)
	s.gone = true // until they turn up
	scope, extra := w.scope()
	w.deliver(fmt.Sprintf("%v has somebody's number, in %q", other.Person, scope), w.message(other.Person, text("Who is this?"), extra), other)
	other.forgotten = w.record(other).came(evidenceReturning) // where the store broke
	w.stands(other, scope)
	s.open, s.gone = shared, false
	w.reveals(s)
	w.deliver(fmt.Sprintf("%v turns up without it", s.Person), w.message(s.Person, text("Hi"), ""), s)
}

// movesOn leaves the group and joins it again.
func (w *town) movesOn(s *soul) {
	if !s.proven {
		return
	}
	delete(s.open, lisbon)
	w.deliver(fmt.Sprintf("%v leaves", s.Person), w.moves(s.Person, "remove", "removed"), s)
	if w.pick(2) == 0 {
		w.deliver(fmt.Sprintf("%v joins", s.Person), w.moves(s.Person, "add", "added"), s)
		w.stands(s, lisbon)
	}
}

// calls is what the business does by a handle: it asks, withdraws or erases.
func (w *town) calls(s *soul) {
	c := w.record(s)
	if c == nil {
		return
	}
	scope := slices.Sorted(maps.Keys(c.Scopes))[0]
	standing := c.Scopes[scope]
	key, before := standing.Handle.Key(), len(w.shelf.items)
	var err error
	w.asked++
	call := fmt.Sprint("call ", w.asked)
	switch w.pick(3) {
	case 0:
		_, err = w.consents.Request(context.Background(), w.business, key, call)
		w.note("the business asks in %q", scope)
	case 1:
		delete(s.open, scope)
		_, err = w.consents.Withdraw(context.Background(), w.business, key, ByBusiness, call)
		w.note("the business withdraws in %q", scope)
	default:
		delete(s.open, scope)
		by := ByBusiness
		if w.pick(2) == 0 {
			by = ByOperator
			clear(s.open)
		}
		w.note("%s erases in %q", by, scope)
		_, err = w.consents.EraseHandle(context.Background(), w.business, key, by, "test")
		s.proven, s.forgotten = false, true
		delete(w.owners, standing.Handle.In(w.business.View))
		if id, _ := masking.IdentityOf(s.UserID); by == ByBusiness && len(c.Scopes) > 1 && err == nil && !w.record(s).claims(id) {
			w.broke("the other scopes are gone")
		}
	}
	if err != nil && !errors.Is(err, ErrNotHidden) {
		w.broke("the business's call: %v", err)
	}
	c = w.record(s)
	s.visible = s.visible && c != nil && c.Scopes[Direct] != nil && c.Scopes[Direct].Visibility == Visible
	w.prove(before, nil)
	// Whoever was forgotten comes back by what comes again.
	w.past = nil
}
