package playground

import (
	"context"
	"net/http"
	"slices"
)

// guideStep is a step of what a stranger is to try, in messages under "guide.".
type guideStep struct {
	Name   string
	Number int
	// Pane is where one sees what the step did: phone or business.
	Pane          string
	Done, Current bool
}

// The steps, in their order.
const (
	guideWrite    = "write"
	guideAnswer   = "answer"
	guideAsk      = "ask"
	guideShare    = "share"
	guideWithdraw = "withdraw"
)

// reaches is the step of the guide that is done with an event, "" for none.
func (n *step) reaches() string {
	switch {
	case n.way == wayIn && n.explained.Visibility == "hidden" && n.explained.Group == "" && n.kind == "message":
		return guideWrite
	case n.way == wayOut && n.status == http.StatusOK:
		return guideAnswer
	case n.way == wayOwn && n.sort == "question":
		return guideAsk
	case n.way == wayNews && n.sort == "number_shared":
		return guideShare
	case n.way == wayNews && n.sort == "number_withdrawn":
		return guideWithdraw
	}
	return ""
}

// guide tells what was done already.
func (s *Show) guide() []guideStep {
	out := []guideStep{
		{Name: guideWrite, Pane: "business"},
		{Name: guideAnswer, Pane: "phone"},
		{Name: guideAsk, Pane: "phone"},
		{Name: guideShare, Pane: "business"},
		{Name: guideWithdraw, Pane: "business"},
	}
	current := true
	for i := range out {
		done := s.done(out[i].Name)
		out[i].Number, out[i].Done, out[i].Current = i+1, done, current && !done
		current = current && done
	}
	return out
}

// done tells that a step was done. Sharing is once its confirmation is on the phone, too:
// without that there is nothing to tap for the step that follows.
func (s *Show) done(name string) bool {
	if name == guideShare && !s.reached[guideWithdraw] {
		return s.reached[name] && s.tappable(guideWithdraw) >= 0
	}
	return s.reached[name]
}

// tappable is the place of the newest message on the phone of who came by the ad that has
// the button of a step, -1 for none: the question has two buttons, its confirmation one.
func (s *Show) tappable(name string) int {
	if s.graph == nil {
		return -1
	}
	buttons := map[string]int{guideShare: 2, guideWithdraw: 1}[name]
	for i, m := range slices.Backward(s.graph.Phone(s.people[0].now)) {
		if len(m.Buttons) == buttons {
			return i
		}
	}
	return -1
}

// follow does a step of the guide for whoever would rather look; once, however often
// somebody clicks.
func (s *Show) follow(ctx context.Context, name string) error {
	s.mu.Lock()
	done := s.done(name) || s.guided[name]
	s.mu.Unlock()
	if done {
		return nil
	}
	if err := s.choose(byAd); err != nil {
		return err
	}
	if err := s.guideTo(ctx, name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guided[name] = true
	return nil
}

func (s *Show) guideTo(ctx context.Context, name string) error {
	s.mu.Lock()
	s.inbox.openOf(s.chosen().now.Name)
	hello, answer := s.words("say."+byAd), s.words("say.answer")
	s.mu.Unlock()
	switch name {
	case guideWrite:
		return s.say(hello)
	case guideAnswer:
		return s.answer(ctx, answer)
	case guideAsk:
		return s.ask(ctx)
	case guideShare, guideWithdraw:
		s.mu.Lock()
		at := s.tappable(name)
		s.mu.Unlock()
		return s.tap(at, 0)
	}
	return errGone
}
