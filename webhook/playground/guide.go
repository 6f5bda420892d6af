package playground

import (
	"context"
	"slices"
)

// guideStep is a step of what a stranger is to try, in messages under "guide.".
type guideStep struct {
	Name    string
	Number  int
	Done    bool
	Current bool
}

// The steps, in their order.
const (
	guideWrite    = "write"
	guideAnswer   = "answer"
	guideAsk      = "ask"
	guideShare    = "share"
	guideWithdraw = "withdraw"
)

// guide tells what was done already.
func (s *Show) guide() []guideStep {
	seen := map[string]bool{}
	for _, n := range s.steps {
		switch {
		case n.way == wayIn && n.explained.Visibility == "hidden" && n.kind == "message":
			seen[guideWrite] = true
		case n.way == wayOut && n.status == 200:
			seen[guideAnswer] = true
		case n.way == wayNews && n.sort == "number_shared":
			seen[guideShare] = true
		case n.way == wayNews && n.sort == "number_withdrawn":
			seen[guideWithdraw] = true
		case n.way == wayOwn && n.sort == "question":
			seen[guideAsk] = true
		}
	}
	var out []guideStep
	current := true
	for i, name := range []string{guideWrite, guideAnswer, guideAsk, guideShare, guideWithdraw} {
		done := seen[name]
		out = append(out, guideStep{Name: name, Number: i + 1, Done: done, Current: current && !done})
		current = current && done
	}
	return out
}

// follow does a step of the guide for whoever would rather look.
func (s *Show) follow(ctx context.Context, name string) error {
	if err := s.choose(byAd); err != nil {
		return err
	}
	switch name {
	case guideWrite:
		s.mu.Lock()
		text := s.chosen().text
		s.mu.Unlock()
		return s.say(text)
	case guideAnswer:
		s.openHidden()
		return s.answer(ctx, answerText)
	case guideAsk:
		s.openHidden()
		return s.ask(ctx)
	case guideShare, guideWithdraw:
		return s.tapLast()
	}
	return errGone
}

// answerText is what the guide has the business say.
const answerText = "Yes, three are left! It is 12 euros."

// openHidden opens the first thread with somebody whose number is not known.
func (s *Show) openHidden() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.inbox.threads {
		if !t.group && t.visibility == "hidden" {
			s.inbox.open = i
			return
		}
	}
}

// tapLast taps the first button of the newest message on the phone that has one.
func (s *Show) tapLast() error {
	s.mu.Lock()
	got := s.graph.Phone(s.chosen().now)
	s.mu.Unlock()
	for i, m := range slices.Backward(got) {
		if len(m.Buttons) > 0 {
			return s.tap(i, 0)
		}
	}
	return errGone
}
