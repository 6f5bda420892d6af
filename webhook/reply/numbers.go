package reply

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"bauta/webhook"
	"bauta/webhook/graph"
)

// How phone number ids are asked for.
const (
	// numbersAge is how long an answer holds.
	numbersAge = time.Hour
	// numbersPause is between two questions, so that a caller who makes ids up does
	// not use up the business's rate limit at the platform.
	numbersPause = time.Minute
	// numbersSoon is between two questions while the network or the platform is out of
	// order: nothing can be sent before one is answered.
	numbersSoon = 3 * time.Second
	// numbersTimeout bounds one question, for all accounts of a business.
	numbersTimeout = 20 * time.Second
)

// notAskedError: the platform could not be asked, and will be after wait.
type notAskedError struct {
	wait  time.Duration
	fault *graph.Error
}

// Error implements error.
func (*notAskedError) Error() string { return "reply: the platform was not asked for phone numbers" }

// numbers knows the phone number ids of businesses: as configured, or else what the
// platform says of their accounts. Safe for concurrent use.
type numbers struct {
	platform Platform
	now      func() time.Time
	flights  singleflight.Group

	mu   sync.RWMutex
	sets map[string]numberSet
}

// numberSet is what the platform said of one business. It is replaced, not changed.
type numberSet struct {
	// ids are phone number ids by account; those of an account that could not be
	// asked stay.
	ids map[string][]string
	// asked is when the last question ended, told when one was last answered for all
	// accounts.
	asked, told time.Time
	// fault is why the last question was not answered for all accounts, nil if it was.
	fault *graph.Error
}

// pause is how long the last question's outcome holds for ids that are not in it.
func (s numberSet) pause() time.Duration {
	if s.fault != nil && passing(s.fault.Kind) {
		return max(numbersSoon, s.fault.RetryAfter)
	}
	return numbersPause
}

// passing tells a fault that ends by itself from one that the operator has to mend, or
// that more questions would make worse.
func passing(kind graph.Kind) bool {
	switch kind {
	case graph.Unavailable, graph.Unreadable, graph.TooSlow, graph.Unreachable, graph.BreakerOpen, graph.Canceled, graph.SourceBroken:
		return true
	case graph.NotFound, graph.TokenRefused, graph.Forbidden, graph.RateLimited, graph.Refused:
	}
	return false
}

func newNumbers(platform Platform, now func() time.Time) *numbers {
	return &numbers{platform: platform, now: now, sets: map[string]numberSet{}}
}

func (n *numbers) set(business string) numberSet {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.sets[business]
}

// known tells that an id is certainly the business's, without asking anybody.
func (n *numbers) known(b *webhook.Business, id string) bool {
	if len(b.PhoneNumbers) > 0 {
		return slices.Contains(b.PhoneNumbers, id)
	}
	s := n.set(b.ID)
	return n.now().Sub(s.told) < numbersAge && s.has(b, id)
}

// ask tells whether an id that is not known is the business's, and asks the platform
// if it was not asked a pause ago. What it said before holds while it cannot be
// asked; the error then is for ids that are not in it. It is a *notAskedError, or
// the context's.
func (n *numbers) ask(ctx context.Context, b *webhook.Business, token, id string) (bool, error) {
	if len(b.PhoneNumbers) > 0 {
		return slices.Contains(b.PhoneNumbers, id), nil
	}
	s := n.set(b.ID)
	if n.now().Sub(s.asked) >= s.pause() || !s.covers(b) {
		// Who waits shares the question; who hangs up does not end it for others.
		flight := n.flights.DoChan(b.ID, func() (any, error) {
			return n.refresh(context.WithoutCancel(ctx), b, token), nil
		})
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case answer := <-flight:
			s, _ = answer.Val.(numberSet)
		}
	}
	switch {
	case s.has(b, id):
		return true, nil
	case s.fault != nil:
		return false, &notAskedError{wait: max(s.pause()-n.now().Sub(s.asked), time.Second), fault: s.fault}
	}
	return false, nil
}

// refresh asks for every account of the business.
func (n *numbers) refresh(ctx context.Context, b *webhook.Business, token string) numberSet {
	ctx, cancel := context.WithTimeout(ctx, numbersTimeout)
	defer cancel()
	before := n.set(b.ID)
	after := numberSet{ids: make(map[string][]string, len(b.WABAs)), told: before.told}
	for _, waba := range b.WABAs {
		found, err := n.platform.PhoneNumbers(ctx, token, waba)
		if err != nil {
			after.fault = worse(after.fault, err)
			after.ids[waba] = before.ids[waba]
			continue
		}
		after.ids[waba] = nil
		for _, number := range found {
			after.ids[waba] = append(after.ids[waba], number.ID)
		}
	}
	after.asked = n.now()
	if after.fault == nil {
		after.told = after.asked
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sets[b.ID] = after
	return after
}

// worse is the fault of two accounts that counts: one that passes, since what it hides
// can be asked soon.
func worse(before *graph.Error, err error) *graph.Error {
	known, ok := errors.AsType[*graph.Error](err)
	if !ok {
		known = &graph.Error{Kind: graph.Unreadable}
	}
	if before == nil || passing(known.Kind) {
		return known
	}
	return before
}

// has tells whether an id is of an account that the business has now.
func (s numberSet) has(b *webhook.Business, id string) bool {
	return slices.ContainsFunc(b.WABAs, func(waba string) bool { return slices.Contains(s.ids[waba], id) })
}

// covers tells that every account that the business has now was asked about.
func (s numberSet) covers(b *webhook.Business) bool {
	return !slices.ContainsFunc(b.WABAs, func(waba string) bool { _, asked := s.ids[waba]; return !asked })
}
