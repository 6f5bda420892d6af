package webhook

import (
	"context"
	"errors"
	"testing"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

// oneAnswer decides every first contact alike.
type oneAnswer Decision

func (d oneAnswer) Decide(context.Context, FirstContact) Decision { return Decision(d) }

// firstHidden is the time at which a business first hid somebody, or a fault.
type firstHidden struct {
	at  time.Time
	err error
}

func (f firstHidden) FirstHidden(context.Context, string) (time.Time, error) { return f.at, f.err }
func (f firstHidden) MarkHidden(context.Context, string, time.Time) error    { return nil }

// plainPRF is not keyed: it serves rules that only need the same again.
type plainPRF struct{}

func (plainPRF) PRF(_ string, parts ...string) [32]byte {
	var sum [32]byte
	for _, part := range parts {
		for i, c := range []byte(part) {
			sum[i%32] += c
		}
	}
	return sum
}

func inbound(referral meta.Referral) *meta.Event {
	return &meta.Event{Kind: meta.Message, Inbound: true, CanRefer: true, Referral: referral}
}

func fromAd() meta.Referral { return meta.Referral{Present: true, Type: "ad", ID: "1"} }

// standingCase is a question and the standing that must come of it.
type standingCase struct {
	event     *meta.Event
	claim     claim
	present   *Standing
	evidence  string
	noNumber  bool
	mentioned bool
	hidAt     time.Time
	known     time.Time
	decision  Decision

	same       bool
	visibility Visibility
	rule       string
	reason     string
	rawIDs     bool
	lateAd     bool
}

func standingCases(now time.Time) map[string]standingCase {
	history := &meta.Event{Kind: meta.Thread, Field: "history"}
	in := func(group string) *meta.Event { return &meta.Event{Kind: meta.Message, Inbound: true, Group: group} }
	undecided := &Standing{Visibility: Undecided, Reason: ReasonUndecided}
	shown := &Standing{Visibility: Visible, Reason: "no_ad_default_visible", RawIDs: true, DecidedBy: "the first message"}
	late := *shown
	late.Reason += ", " + ReasonAdCameLate
	return map[string]standingCase{
		"a rule that hides": {
			event: inbound(fromAd()), decision: Decision{Rule: "pilot", Reason: "rule"},
			visibility: Hidden, rule: "pilot", reason: "rule",
		},
		"a decision that shows opens with the platform's ids": {
			event: inbound(meta.Referral{}), decision: Decision{Visible: true, Reason: "no_ad_default_visible"},
			visibility: Visible, reason: "no_ad_default_visible", rawIDs: true,
		},
		"an id that went out masked stays masked": {
			event: inbound(meta.Referral{}), present: undecided, decision: Decision{Visible: true, Reason: "no_ad_default_visible"},
			visibility: Visible, reason: "no_ad_default_visible",
		},
		"the platform gave no number": {
			event: inbound(meta.Referral{}), noNumber: true, decision: Decision{Visible: true},
			visibility: Hidden, reason: ReasonPlatformHidIt,
		},
		"an erased customer returns":           {event: inbound(meta.Referral{}), claim: claim{returning: true}, decision: Decision{Visible: true}, visibility: Hidden, reason: ReasonReturning},
		"a returned customer, a later message": {event: inbound(meta.Referral{}), evidence: evidenceReturning, decision: Decision{Visible: true}, visibility: Hidden, reason: ReasonReturning},
		"a number with another user id":        {event: inbound(meta.Referral{}), claim: claim{reassigned: true}, decision: Decision{Visible: true}, visibility: Hidden, reason: ReasonReassigned},
		"a status comes first":                 {event: &meta.Event{Kind: meta.Status}, decision: Decision{Visible: true}, reason: ReasonUndecided},
		"a message type without a referral":    {event: &meta.Event{Kind: meta.Message, Inbound: true}, decision: Decision{Visible: true}, reason: ReasonUndecided},
		"somebody is only named":               {event: inbound(meta.Referral{}), mentioned: true, decision: Decision{Visible: true}, reason: ReasonUndecided},
		"named again, still undecided":         {event: inbound(meta.Referral{}), mentioned: true, present: undecided, same: true},
		"a status of an undecided customer":    {event: &meta.Event{Kind: meta.Status}, present: undecided, same: true},
		"history before anybody was hidden":    {event: history, visibility: Visible, reason: ReasonKnown, rawIDs: true},
		"history after somebody was hidden":    {event: history, hidAt: now.Add(-time.Hour), reason: ReasonUndecided},
		"history before known_until":           {event: history, hidAt: now.Add(-time.Hour), known: now.Add(time.Hour), visibility: Visible, reason: ReasonKnown, rawIDs: true},
		"history after known_until":            {event: history, known: now.Add(-time.Hour), reason: ReasonUndecided},
		"history without a number":             {event: history, noNumber: true, reason: ReasonUndecided},
		"history of an erased customer":        {event: history, claim: claim{returning: true}, visibility: Hidden, reason: ReasonReturning},
		"a media message of a history sync":    {event: &meta.Event{Kind: meta.Message, Field: "history"}, reason: ReasonUndecided},
		"a hidden customer writes without ad":  {event: inbound(meta.Referral{}), present: &Standing{Visibility: Hidden}, decision: Decision{Visible: true}, same: true},
		"a customer who withdrew clicks an ad": {event: inbound(fromAd()), present: &Standing{Visibility: Withdrawn}, decision: Decision{Visible: true}, same: true},
		"an ad comes after a visible decision": {event: inbound(fromAd()), present: shown, visibility: Visible, reason: late.Reason, rawIDs: true, lateAd: true},
		"a second late ad is not noted again":  {event: inbound(fromAd()), present: &late, same: true},
		"a post is no late ad":                 {event: inbound(meta.Referral{Present: true, Type: "post"}), present: shown, same: true},
		"a known customer clicks an ad":        {event: inbound(fromAd()), present: &Standing{Visibility: Visible, Reason: ReasonKnown}, same: true},
		"the deciding event comes again":       {event: inbound(fromAd()), present: &Standing{Visibility: Visible, DecidedBy: "this event"}, same: true},
		"a group nobody declared":              {event: in("stray"), visibility: Hidden, reason: ReasonUndeclared},
		"a group that hides":                   {event: in("hiding"), visibility: Hidden, reason: ReasonGroup},
		"a group that shows":                   {event: in("open"), visibility: Visible, reason: ReasonGroupOpen, rawIDs: true},
		"a group that shows, without a number": {event: in("open"), noNumber: true, visibility: Hidden, reason: ReasonPlatformHidIt},
		"a group that shows, who returned":     {event: in("open"), evidence: evidenceReturning, visibility: Hidden, reason: ReasonReturning},
		"a group that shows, a reassigned one": {event: in("open"), evidence: evidenceReassigned, visibility: Hidden, reason: ReasonReassigned},
		"a member whose standing was settled":  {event: in("open"), present: &Standing{Visibility: Hidden}, same: true},
		"the zero value of a decision hides":   {event: inbound(meta.Referral{}), visibility: Hidden},
	}
}

func TestStandings(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 10, 12, 0, 0, 0, time.UTC)
	for name, row := range standingCases(now) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identities := []string{adaNumber, adaUser}
			if row.noNumber {
				identities = identities[1:]
			}
			customer := newIdentityCase(t).customer("c", time.Hour, Undecided, identities...)
			customer.Scopes = map[string]*Standing{}
			if row.present != nil {
				present := *row.present
				customer.Scopes[row.event.Group] = &present
			}
			if row.evidence != "" {
				customer.Links[0].Evidence = row.evidence
			}
			j := judge{decider: oneAnswer(row.decision), watershed: firstHidden{at: row.hidAt}, prf: plainPRF{}, now: now}
			got, err := j.settle(t.Context(), question{
				business: &Business{
					ID: "acme", KnownUntil: row.known,
					Groups: map[string]Group{"open": {}, "hiding": {Name: "Lisbon runners", Hide: true}},
				},
				event: row.event, customer: customer, claim: row.claim, subject: !row.mentioned, dedupe: "this event",
			})
			if err != nil {
				t.Fatal(err)
			}
			if got.same != row.same {
				t.Fatalf("the standing stays: %v, want %v", got.same, row.same)
			}
			s := got.standing
			if !row.same && (s.Visibility != row.visibility || s.Rule != row.rule || s.Reason != row.reason || s.RawIDs != row.rawIDs) {
				t.Errorf("got %s, rule %q, reason %q, raw ids %v; want %s, %q, %q, %v",
					s.Visibility, s.Rule, s.Reason, s.RawIDs, row.visibility, row.rule, row.reason, row.rawIDs)
			}
			if got.lateAd != row.lateAd {
				t.Errorf("a late ad: %v, want %v", got.lateAd, row.lateAd)
			}
			if !row.same && !row.lateAd && s.Reason != ReasonUndecided && (s.DecidedBy != "this event" || !s.Decided.Equal(now)) {
				t.Errorf("decided by %q at %s", s.DecidedBy, s.Decided)
			}
		})
	}
}

func TestAWatershedThatCannotBeReadDecidesNothing(t *testing.T) {
	t.Parallel()
	broken := errors.New("the store is away")
	c := newIdentityCase(t).customer("c", time.Hour, Undecided, adaNumber)
	c.Scopes = map[string]*Standing{}
	j := judge{watershed: firstHidden{err: broken}, prf: plainPRF{}}
	_, err := j.settle(t.Context(), question{
		business: &Business{}, event: &meta.Event{Kind: meta.Thread, Field: "history"}, customer: c, subject: true,
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want the store's", err)
	}
}

// asked keeps the contact that a decision was asked about.
type asked struct{ contact *FirstContact }

func (a asked) Decide(_ context.Context, c FirstContact) Decision {
	*a.contact = c
	return Decision{}
}

func TestWhatADecisionIsMadeOf(t *testing.T) {
	t.Parallel()
	var got FirstContact
	c := newIdentityCase(t).customer("c", time.Hour, Undecided, adaNumber, adaUser)
	c.Scopes, c.Version = map[string]*Standing{}, 0
	j := judge{decider: asked{&got}, prf: plainPRF{}, now: time.Unix(1789000000, 0)}
	if _, err := j.settle(t.Context(), question{business: &Business{ID: "acme"}, event: inbound(fromAd()), customer: c, subject: true}); err != nil {
		t.Fatal(err)
	}
	if got.Business != "acme" || got.Country != "US" || !got.First || !got.HasNumber || !got.At.Equal(j.now) ||
		!got.Referral.Present || got.Referral.Type != "ad" || got.Referral.ID != "1" {
		t.Errorf("asked about %+v", got)
	}
	if got.Bucket < 0 || got.Bucket > 99 {
		t.Errorf("bucket %d, want 0 to 99", got.Bucket)
	}
	// The bucket is the person's, whatever their identities become.
	before := got.Bucket
	c.take(Link{Identity: masking.Identity{Number: number(t, beaNumber)}, Evidence: evidenceMessage, Since: j.now})
	if bucket(plainPRF{}, "acme", c) != before {
		t.Error("a new number changed the bucket")
	}
}
